import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Caches of type S3 in the place that the project names, for which moto stands.
@Suite(.motoServer) struct ProjectCacheTests {
    private static func definition(
        _ bucket: String, key: String, more: String = "", name: String = "shop"
    )
        -> String
    {
        """
        {"name": "\(name)", "source": {"type": "NO_SOURCE"}, "encryptionKey": "\(key)",
         "cache": {"type": "S3", "location": "\(bucket)/some/place/"\(more)}}
        """
    }

    private static func spec(_ key: String = "", fallback: String = "", _ more: String = "") -> String {
        commands(
            "cat deps/a || true; cat /root/kept || true", "mkdir -p deps", "echo first > deps/a",
            "date > /root/kept")
            + "cache:\n\(key)\(fallback)  paths: ['deps/**/*', /root/kept]\n" + more
    }

    @Test
    func `a cache is kept where the project says, encrypted with its key, and comes back on another machine`()
        async throws
    {
        let moto = try MotoServer.required()
        let key = try await moto.makeBucket("cache-plain")
        for isSecond in [false, true] {
            try await withProject(Self.spec()) { project in
                try project.scratch.write(Self.definition("cache-plain", key: key), to: "app/p.json")
                let outcome = try await project.run(
                    "--project", "p.json", "--project-cache", ".", environment: moto.environment)
                #expect(outcome.status == 0, "\(outcome)")
                let log = try project.log()
                #expect(log.contains("Uploading S3 cache..."))
                #expect(log.contains("Unarchiving cache...") == isSecond)
                #expect(log.contains("\nfirst\n") == isSecond, "\(log)")
                #expect(log.contains("Unable to download cache: no cache entry matches") == !isSecond)
                #expect(try project.files(below: "app/.buildspec").allSatisfy { !$0.contains("cache") })
            }
        }
        let keys = try await moto.contents(of: "cache-plain")
        #expect(keys.wholeMatch(of: /some\/place\/shop\/[0-9a-f]{64}\.zip\|/) != nil, "\(keys)")
        let object = try await StoredObject.fetch(moto, "cache-plain", String(keys.dropLast()))
        #expect(object.encryption == "aws:kms")
        #expect(object.key == key)
        #expect(object.contentType == "application/zip")
    }

    @Test func `projects of a namespace share entries by key, exactly or by the newest fallback`()
        async throws
    {
        let moto = try MotoServer.required()
        let key = try await moto.makeBucket("cache-shared")
        let namespace = #", "cacheNamespace": "team one""#
        func run(_ name: String, _ cacheKey: String, _ fallback: String = "") async throws -> String {
            let spec = Self.spec(
                "  key: \(cacheKey)\n", fallback: fallback.isEmpty ? "" : "  fallback-keys: [\(fallback)]\n")
            return try await withProject(spec) { project in
                try project.scratch.write(
                    Self.definition("cache-shared", key: key, more: namespace, name: name), to: "app/p.json")
                let outcome = try await project.run(
                    "--project", "p.json", "--project-cache", ".", environment: moto.environment)
                #expect(outcome.status == 0, "\(outcome)")
                return try project.log()
            }
        }
        let first = try await run("one", "deps-$(echo 1)/ä b")
        #expect(first.contains("Uploading S3 cache..."))
        let same = try await run("two", "deps-1/ä b")
        #expect(same.contains("\nfirst\n"))
        #expect(!same.contains("Uploading S3 cache..."))
        let near = try await run("two", "deps-2", "nothing-, deps-")
        #expect(near.contains("\nfirst\n"))
        #expect(near.contains("Uploading S3 cache..."))
        #expect(!(try await run("two", "other", "nothing-")).contains("\nfirst\n"))
        let keys = try await moto.contents(of: "cache-shared")
        #expect(keys.contains("/team%20one/") && keys.contains("/deps-1%2F%C3%A4%20b.zip"), "\(keys)")
    }

    @Test func `what goes wrong with the bucket is told, and fails no build`() async throws {
        let moto = try MotoServer.required()
        try await withProject(Self.spec()) { project in
            try project.scratch.write(
                Self.definition("no-such-bucket-here", key: "alias/x"), to: "app/p.json")
            let outcome = try await project.run(
                "--project", "p.json", "--project-cache", ".", environment: moto.environment)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardError.contains("NoSuchBucket"))
            let log = try project.log()
            #expect(log.contains("Unable to download cache: ") && log.contains("Unable to upload cache: "))
        }
    }

    @Test func `an object that is no cache, and entries outside of the paths, do not come into the build`()
        async throws
    {
        let moto = try MotoServer.required()
        let key = try await moto.makeBucket("cache-hostile")
        func run() async throws -> String {
            try await withProject(Self.spec()) { project in
                try project.scratch.write(Self.definition("cache-hostile", key: key), to: "app/p.json")
                let outcome = try await project.run(
                    "--project", "p.json", "--project-cache", ".", environment: moto.environment)
                #expect(outcome.status == 0, "\(outcome)")
                return try project.log()
            }
        }
        _ = try await run()
        _ = try await moto.boto3(
            """
            import io, zipfile
            s = client("s3")
            k = s.list_objects_v2(Bucket="cache-hostile")["Contents"][0]["Key"]
            outer, inner = io.BytesIO(), io.BytesIO()
            with zipfile.ZipFile(inner, "w") as z:
                z.writestr("deps/a", "first\\n"); z.writestr("elsewhere/b", "planted\\n")
            with zipfile.ZipFile(outer, "w") as z: z.writestr("source.zip", inner.getvalue())
            s.put_object(Bucket="cache-hostile", Key=k, Body=outer.getvalue())
            """)
        let log = try await run()
        #expect(log.contains("\nfirst\n"))
        #expect(
            log.contains("Skipping cache entry: path \"elsewhere/b\" is not within allowed cache paths"),
            "\(log)")
        _ = try await moto.boto3(
            """
            s = client("s3")
            k = s.list_objects_v2(Bucket="cache-hostile")["Contents"][0]["Key"]
            s.put_object(Bucket="cache-hostile", Key=k, Body=b"no zip at all")
            """)
        #expect(try await run().contains("Unable to download cache: "))
    }

    @Test func `without the option a shared cache stays here, and is told by name`() async throws {
        try await withProject(Self.spec()) { project in
            try project.scratch.write(
                Self.definition("b", key: "alias/x", more: #", "cacheNamespace": "n""#), to: "app/p.json")
            let outcome = try await project.run("--project", "p.json", ".")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(
                outcome.standardError.contains(
                    "cache.location b/some/place/: the cache is kept on this machine"))
            #expect(outcome.standardError.contains("cache.cacheNamespace n"))
            #expect(try project.files(below: "app/.buildspec/cache").contains { $0.hasSuffix("source.zip") })
        }
    }
}
