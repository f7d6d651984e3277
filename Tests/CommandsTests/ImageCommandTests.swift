import SystemPackage
import TestSupport
import Testing

/// Images pinned by a registry and by Amazon ECR, and what the artifact step says of broken definitions.
@Suite struct ImageCommandTests {
    private static let digest = "sha256:" + String(repeating: "ab", count: 32)

    /// A registry with one image, `team/web:1`; it wants a token, and for `team/private` a login for that.
    private static let registry = """
        import base64, hashlib, http.server, json, sys
        DIGEST = "sha256:" + "ab" * 32
        class Registry(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *arguments): pass
            def answer(self, status, body=b"", **headers):
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD": self.wfile.write(body)
            def do_GET(self):
                host = self.headers["Host"]
                repository = "team/private" if "private" in self.path else "team/web"
                if self.path.startswith("/token?"):
                    login = "Basic " + base64.b64encode(b"user:secret").decode()
                    if repository == "team/private" and self.headers.get("Authorization") != login:
                        return self.answer(401)
                    return self.answer(200, json.dumps({"token": "token-of-" + repository}).encode())
                if self.headers.get("Authorization") != "Bearer token-of-" + repository:
                    return self.answer(401, WWW_Authenticate=
                        f'Bearer realm="http://{host}/token",service="test",scope="repository:{repository}:pull"')
                if "application/vnd.oci.image.index.v1+json" not in self.headers["Accept"]: return self.answer(406)
                if self.path == f"/v2/{repository}/manifests/1": return self.answer(200, b"{}", Docker_Content_Digest=DIGEST)
                if self.path == f"/v2/{repository}/manifests/{DIGEST}":
                    return self.answer(200, b"{}", Docker_Content_Digest=DIGEST)
                if self.path == f"/v2/{repository}/manifests/silent":
                    return self.answer(200, b"{}", Content_Type="application/vnd.oci.image.index.v1+json; charset=utf-8")
                if self.path == f"/v2/{repository}/manifests/plain": return self.answer(200, b'{"schemaVersion": 2}')
                if self.path == f"/v2/{repository}/manifests/html":
                    return self.answer(200, b"<html>login page</html>", Content_Type="text/html")
                if self.path == f"/v2/{repository}/manifests/empty":
                    return self.answer(200, b"", Content_Type="application/vnd.oci.image.index.v1+json")
                if self.path == f"/v2/{repository}/manifests/other": return self.answer(200, b'{"error": "no"}')
                if self.path == f"/v2/{repository}/manifests/liar":
                    if self.command == "HEAD": return self.answer(200)
                    return self.answer(200, b'{"schemaVersion": 2}', Docker_Content_Digest=DIGEST)
                self.answer(404)
            do_HEAD = do_GET
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
        print("ready", server.server_port, flush=True)
        import threading
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
        """

    @Test func `images are pinned to what the registry says`() async throws {
        try await withPythonServer(Self.registry) { port in
            try await withProject { project in
                let host = "127.0.0.1:\(port)"
                var outcome = try await project.buildspec([
                    "package", "image-definitions", "web=\(host)/team/web:1", "side=\(host)/team/web:silent",
                    "again=\(host)/team/web@\(Self.digest)", "--resolve",
                ])
                #expect(outcome.status == 0, "\(outcome)")
                // The SHA-256 of {}.
                let silent = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
                let written = String(
                    decoding: try project.scratch.read("app/imagedefinitions.json"), as: UTF8.self)
                let pinned = "\(host)/team/web@\(Self.digest)"
                #expect(
                    written == #"[{"name":"web","imageUri":"\#(pinned)"},"#
                        + #"{"name":"side","imageUri":"\#(host)/team/web@\#(silent)"},"#
                        + #"{"name":"again","imageUri":"\#(pinned)"}]"# + "\n")
                outcome = try await project.buildspec([
                    "package", "image-detail", "\(host)/team/web:gone", "--resolve",
                ])
                #expect(outcome.status == 1 && outcome.standardError.contains("no such image"))
                outcome = try await project.buildspec([
                    "package", "image-detail", "\(host)/team/private:1", "--resolve",
                ])
                #expect(outcome.status == 3 && outcome.standardError.contains("docker login \(host)"))
                #expect(try project.files(below: "app") == ["imagedefinitions.json"])
                try project.scratch.write(
                    #"{"auths": {"\#(host)": {"auth": "dXNlcjpzZWNyZXQ="}}}"#, to: "home/.docker/config.json")
                outcome = try await project.buildspec([
                    "package", "image-detail", "\(host)/team/private:1", "--resolve",
                ])
                #expect(outcome.status == 0, "\(outcome)")
                #expect(
                    String(decoding: try project.scratch.read("app/imageDetail.json"), as: UTF8.self)
                        == #"{"ImageURI":"\#(host)/team/private@\#(Self.digest)"}"# + "\n")
            }
        }
    }

    @Test func `only a manifest is hashed`() async throws {
        try await withPythonServer(Self.registry) { port in
            try await withProject { project in
                let host = "127.0.0.1:\(port)"
                for (tag, reason) in [
                    ("html", "what answers is no manifest of an image (text/html, 23 bytes)"),
                    ("empty", "no manifest of an image (application/vnd.oci.image.index.v1+json, 0 bytes)"),
                    ("other", "no manifest of an image (no type, 15 bytes)"),
                    ("liar", "the registry's digest is not that of the manifest it sends"),
                ] {
                    let outcome = try await project.buildspec([
                        "package", "image-detail", "\(host)/team/web:\(tag)", "--resolve",
                    ])
                    #expect(outcome.status == 3 && outcome.standardError.contains(reason), "\(outcome)")
                }
                #expect(try project.files(below: "app") == [])
                let outcome = try await project.buildspec([
                    "package", "image-detail", "\(host)/team/web:plain", "--resolve",
                ])
                #expect(outcome.status == 0, "\(outcome)")
            }
        }
    }

    @Test(arguments: ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "-"])
    func `a file that standard output is keeps what stands there`(place: String) async throws {
        try await withProject { project in
            try await project.tool(
                "/bin/sh", "-c",
                """
                { echo before; "$0" package image-detail a:1 -o "$1"; echo after; } > log
                ln -s /dev/stdout link; { echo before; "$0" package lambda . --include log -o link; echo after; } > zip
                """, project.binary.executable.string, place)
            #expect(
                String(decoding: try project.scratch.read("app/log"), as: UTF8.self)
                    == "before\n{\"ImageURI\":\"a:1\"}\nafter\n")
            let zip = try project.scratch.read("app/zip")
            #expect(zip.starts(with: "before\nPK".utf8) && zip.suffix(6).elementsEqual("after\n".utf8))
        }
    }

    @Test(.motoServer) func `images in Amazon ECR are pinned by its API`() async throws {
        let moto = try MotoServer.required()
        let digest = try await moto.boto3(
            """
            e = client("ecr")
            e.create_repository(repositoryName="team/web")
            m = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1,
                "digest": "sha256:" + "0" * 64}, "layers": []})
            print(e.put_image(repositoryName="team/web", imageManifest=m, imageTag="1")["image"]["imageId"]["imageDigest"], end="")
            """)
        try await withProject { project in
            let repository = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/web"
            for (repository, reference) in [
                (repository, ":1"), (repository, "@" + digest),
                ("123456789012.dkr-ecr.eu-central-1.on.aws/team/web", ":1"),
                ("123456789012.DKR.ecr.eu-central-1.amazonaws.com/team/web", ":1"),
            ] {
                let outcome = try await project.buildspec(
                    ["package", "image-detail", repository + reference, "--resolve"],
                    environment: moto.environment)
                #expect(outcome.status == 0, "\(outcome)")
                #expect(
                    String(decoding: try project.scratch.read("app/imageDetail.json"), as: UTF8.self)
                        == #"{"ImageURI":"\#(repository)@\#(digest)"}"# + "\n")
            }
            var outcome = try await project.buildspec(
                ["package", "image-detail", repository + ":2", "--resolve"], environment: moto.environment)
            #expect(outcome.status == 1 && outcome.standardError.contains("no such image"))
            outcome = try await project.buildspec(
                ["package", "image-detail", repository + "/none:1", "--resolve"],
                environment: moto.environment)
            #expect(outcome.status == 1, "\(outcome)")
            #expect(
                outcome.standardError.contains(
                    "account 123456789012 has no repository team/web/none in eu-central-1"), "\(outcome)")
            #expect(outcome.standardError.contains("create it and push the image"), "\(outcome)")
            // The proxy of all hosts but this machine answers no request.
            let environment = moto.environment.merging(
                ["HTTPS_PROXY": "http://127.0.0.1:1", "NO_PROXY": "127.0.0.1,localhost"]) { $1 }
            for host in [
                "123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.example",
                "123456789012.dkr-ecr.eu-central-1.on.aws.evil.example",
                "123456789012.dkr.ecr.eu-central-1.x.amazonaws.com",
            ] {
                outcome = try await project.buildspec(
                    ["package", "image-detail", host + "/team/web:1", "--resolve", "-o", "foreign.json"],
                    environment: environment)
                #expect(
                    outcome.status == 3 && outcome.standardError.contains("registry \(host)"), "\(outcome)")
            }
            #expect(try project.files(below: "app") == ["imageDetail.json"])
        }
    }

    @Test func `broken definitions in an artifact are told and fail nothing`() async throws {
        let buildspec =
            commands(
                "mkdir deploy", "printf '[{\"name\":\"web\"}]' > imagedefinitions.json",
                "printf '{\"ImageURI\":\"repo/web:1\"}' > imageDetail.json",
                "printf '{\"family\":\"f\",\"containerDefinitions\":[{\"name\":\"w\",\"image\":\"<IMAGE 1>\"}]}' "
                    + "> deploy/taskdef.json",
                "printf 'version: 0.0\\nResources:\\n- S:\\n    Type: AWS::ECS::Service\\n    Properties: {}\\n' "
                    + "> appspec.yaml")
            + "artifacts:\n  files: ['**/*']\n"
        try await withProject(buildspec) { project in
            let outcome = try await project.run("--sandbox", "host")
            #expect(outcome.status == 0, "\(outcome)")
            let warnings = outcome.standardError.split(separator: "\n").filter {
                $0.contains("deploy action")
            }
            #expect(warnings.count == 3, "\(outcome.standardError)")
            // All is in the log before the artifact is packed, and where a log for programs goes, too.
            let log = outcome.standardOutput
            let told = try #require(
                log.firstRange(of: "imagedefinitions.json: imagedefinitions.json cannot be used"))
            let end = try #require(log.firstRange(of: "Phase complete: UPLOAD_ARTIFACTS"))
            #expect(told.lowerBound < end.lowerBound)
            for text in [
                "imagedefinitions.json: imagedefinitions.json cannot be used: it is not a list of objects",
                "deploy/taskdef.json: containerDefinitions[0].image: <IMAGE 1> is no placeholder",
                "appspec.yaml: line 3: S has no TaskDefinition",
            ] {
                #expect(outcome.standardError.contains(text), "\(outcome.standardError)")
                #expect(log.contains(text), "\(log)")
            }
            let json = try await project.run("--sandbox", "host", "--log-format", "json")
            #expect(
                json.standardOutput.split(separator: "\n").filter {
                    $0.contains(#""source":"agent""#)
                        && $0.contains("a deploy action will refuse or misread it")
                }.count == 3, "\(json)")
        }
    }

    @Test func `a broken definition is in the log of a build whose artifact cannot be stored`() async throws {
        try await withProject { project in
            let store = project.scratch.path.appending("store").string
            let buildspec =
                commands("echo '[' > imagedefinitions.json", "rm -rf \(store)", "echo > \(store)")
                + "artifacts:\n  files: [imagedefinitions.json]\n"
            try project.scratch.write(buildspec, to: "app/buildspec.yml")
            let outcome = try await project.run("--sandbox", "host", "--output", store)
            #expect(outcome.status == 3, "\(outcome)")
            #expect(outcome.standardOutput.contains("line 2, column 1: the text ends"), "\(outcome)")
        }
    }

    @Test func `an AppSpec file is held against the task definition in its own directory`() async throws {
        let specification =
            "version: 0.0\\nResources: [{S: {Type: AWS::ECS::Service, Properties: {TaskDefinition: <TASK_DEFINITION>, "
            + "LoadBalancerInfo: {ContainerName: web, ContainerPort: 80}}}}]\\n"
        let buildspec =
            commands(
                "mkdir a b", "printf '\(specification)' | tee a/appspec.yaml > b/appspec.yml",
                "printf '{\"family\":\"f\",\"containerDefinitions\":[{\"name\":\"w\",\"image\":\"x\"}]}' > a/taskdef.json",
                "printf '{\"family\":\"f\",\"containerDefinitions\":[{\"name\":\"web\",\"image\":\"x\"}]}' > taskdef.json"
            )
            + "artifacts:\n  files: ['**/*']\n"
        try await withProject(buildspec) { project in
            let outcome = try await project.run("--sandbox", "host")
            let warnings = outcome.standardError.split(separator: "\n").filter {
                $0.contains("deploy action")
            }
            #expect(outcome.status == 0 && warnings.count == 1, "\(outcome)")
            #expect(
                outcome.standardError.contains(
                    "a/appspec.yaml: line 2: ContainerName web is none of the containers"), "\(outcome)")
        }
    }

    @Test func `a definition that is stored as a link is told`() async throws {
        let buildspec =
            commands("mkdir d", "echo '[' > d/x.json", "ln -s d/x.json imagedefinitions.json")
            + "artifacts:\n  enable-symlinks: yes\n  files: ['**/*']\n"
        try await withProject(buildspec) { project in
            let outcome = try await project.run("--sandbox", "host")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(
                outcome.standardError.contains("imagedefinitions.json: it is stored as a link"), "\(outcome)")
        }
    }
}
