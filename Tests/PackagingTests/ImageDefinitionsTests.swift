import Packaging
import TestSupport
import Testing

struct ImageDefinitionsTests {
    static let digest = "sha256:" + String(repeating: "0a", count: 32)

    @Test(arguments: [
        "nginx", "nginx:1.27", "library/nginx", "a/b/c/d:x", "localhost/app", "localhost:5000/app:dev",
        "Registry/app",
        "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/web:v1.2.3_4-5",
        "public.ecr.aws/docker/library/alpine@\(digest)", "host:443/a_b/c__d/e---f.g:t@\(digest)",
        "my-app:_tag", "[::1]:5000/repo:tag", "[::1]/repo", "[2001:DB8::1]:443/a/b@\(digest)",
        "registry.example/app:" + String(repeating: "t", count: 128),
    ])
    func `accepts image URIs`(text: String) throws {
        #expect(try ImageURI(text).description == text)
    }

    @Test(arguments: [
        "", " ", "Nginx", "nginx:", "nginx:.x", "nginx:-x", "nginx:a b", "nginx@", "nginx@sha256:12",
        "nginx@\(digest)0",
        "nginx@md5:00", "nginx@SHA256:" + String(repeating: "0", count: 64), "a//b", "/a", "a/", "a/B", "-a",
        "a-", "a..b",
        "a___b", "a._b", "host:/a", "host:99999/a", "host:0/a", "host:x/a", "-host.x/a", "https://host/a",
        "a:b:c",
        "a/b:c/d", "a\n", "a\"b", "ä/b", "host.x/" + String(repeating: "a", count: 300),
        "[::1]:5000", "[::1/repo", "::1/repo", "[::1]:0/repo", "[::1]x/repo", "[::ffff:1.2.3.4]/repo",
        "[]/repo",
        "[fe80::1%eth0]/repo", "repo/[::1]:5000", "[::1]:/repo", "[g::]/repo", "[::1]:5000/",
        "[::1\u{0}]/repo",
        "a:" + String(repeating: "t", count: 129), "@\(digest)", ":tag", "a@\(digest)@\(digest)", "a\u{0}",
    ])
    func `refuses what is no image URI`(text: String) throws {
        let error = try #require(throws: PackagingError.self) { try ImageURI(text) }
        #expect(error.code == .invalidImageURI)
        #expect(!error.description.contains("\n"))
    }

    @Test func `writes and reads the documented shape`() throws {
        let definitions = try ImageDefinitions([
            .init(name: "web", image: ImageURI("repo/web:1")),
            .init(name: "side_car-2", image: ImageURI("repo/side@\(Self.digest)")),
        ])
        let text = String(decoding: definitions.encoded, as: UTF8.self)
        #expect(
            text
                == #"[{"name":"web","imageUri":"repo/web:1"},{"name":"side_car-2","imageUri":"repo/side@\#(Self.digest)"}]"#
                + "\n")
        #expect(try ImageDefinitions(parsing: definitions.encoded) == definitions)
        let detail = try ImageDetail(image: ImageURI("repo/web:1"))
        #expect(String(decoding: detail.encoded, as: UTF8.self) == "{\"ImageURI\":\"repo/web:1\"}\n")
        #expect(try ImageDetail(parsing: detail.encoded) == detail)
        #expect(
            try ImageDetail(parsing: Array(#"{"ImageSizeInBytes":"1","ImageURI":"a:b"}"#.utf8)).image
                .description == "a:b")
    }

    @Test(arguments: [
        "", "a b", "a.b", "ä", "a/b", String(repeating: "x", count: 256), "a\"", "`", "{", "[", "@",
    ])
    func `refuses what is no container name`(name: String) throws {
        let error = try #require(throws: PackagingError.self) {
            try ImageDefinitions.Container(name: name, image: ImageURI("a"))
        }
        #expect(error.code == .invalidContainerName)
    }

    @Test(arguments: [
        ("", PackagingError.Code.malformedFile), ("{}", .malformedFile), ("[1]", .malformedFile),
        ("[]", .noContainers),
        (#"[{"name":"a"}]"#, .malformedFile), (#"[{"name":"a","imageUri":7}]"#, .malformedFile),
        (#"[{"name":"a","imageUri":"B"}]"#, .invalidImageURI),
        (#"[{"name":"a b","imageUri":"b"}]"#, .invalidContainerName),
        (#"[{"name":"a","imageUri":"b"},{"name":"a","imageUri":"c"}]"#, .duplicateContainer),
        (String(repeating: "[", count: 50_000), .malformedFile),
        (String(repeating: " ", count: 102_401), .fileTooLarge),
    ])
    func `refuses files of another shape`(text: String, code: PackagingError.Code) throws {
        let error = try #require(throws: PackagingError.self) {
            try ImageDefinitions(parsing: Array(text.utf8))
        }
        #expect(error.code == code)
    }

    @Test func `refuses more than 100 KB`() throws {
        let image = try ImageURI("registry.example/" + String(repeating: "a", count: 240))
        let containers = try (0..<400).map { try ImageDefinitions.Container(name: "c\($0)", image: image) }
        let error = try #require(throws: PackagingError.self) { try ImageDefinitions(containers) }
        #expect(error.code == .fileTooLarge)
    }
}
