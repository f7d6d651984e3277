import SystemPackage
import TestSupport
import Testing

/// `env/git-credential-helper` with real git against a server that speaks git's protocol over TLS and checks CodeCommit's
/// passwords as botocore would make them.
struct GitCredentialTests {
    /// Serves one repository to whoever signs for it.
    private static let server = #"""
        import base64, http.server, os, ssl, subprocess, sys, threading
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        directory, name, secret, token = sys.argv[1:]
        region = "eu-central-1"
        host = f"git-codecommit.{region}.amazonaws.com"

        def expected(path, stamp):
            signer = SigV4Auth(Credentials(name, secret), "codecommit", region)
            request = AWSRequest(method="GIT", url=f"https://{host}{path}")
            request.context["timestamp"] = stamp
            text = signer.string_to_sign(request, f"GIT\n{path}\n\nhost:{host}\n\nhost\n")
            return stamp + "Z" + signer.signature(text, request)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *arguments): pass
            def may(self):
                kind, _, text = self.headers.get("Authorization", "").partition(" ")
                if kind != "Basic": return False
                user, _, password = base64.b64decode(text).decode().partition(":")
                path = "/v1/repos/app"
                return (self.path.startswith(path + "/") and user == name + ("%" + token if token else "")
                        and password == expected(path, password.split("Z")[0]))
            def do_GET(self):
                if not self.may():
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="CodeCommit"')
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                path, _, query = self.path.partition("?")
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = subprocess.run(["/usr/lib/git-core/git-http-backend"], input=body, stdout=-1, env={
                    "GIT_PROJECT_ROOT": directory, "GIT_HTTP_EXPORT_ALL": "1", "REQUEST_METHOD": self.command,
                    "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_LENGTH": str(len(body)),
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""), "PATH": "/usr/bin:/bin",
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""), "HOME": directory}).stdout
                head, _, rest = answer.partition(b"\r\n\r\n")
                self.send_response(200)
                for line in head.decode().split("\r\n"):
                    self.send_header(*line.split(": ", 1))
                self.send_header("Content-Length", str(len(rest)))
                self.end_headers()
                self.wfile.write(rest)
            do_POST = do_GET

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(directory + "/tls.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("ready", server.server_address[1], flush=True)
        sys.stdin.read()
        """#

    private static let preparation = """
        mkdir -p "$1/v1/repos" && cd "$1"
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key.pem -out cert.pem -subj /CN=test \\
          -addext 'subjectAltName=DNS:git-codecommit.eu-central-1.amazonaws.com' 2>/dev/null
        cat key.pem cert.pem > tls.pem
        git init -q work && cd work && echo 'what the repository has' > file
        git add file && git -c user.name=a -c user.email=a@b commit -qm one
        git clone -q --bare . ../v1/repos/app
        """

    private func buildspec(_ helper: String, _ port: Int, _ ca: String) -> String {
        """
        version: 0.2
        env:
          git-credential-helper: \(helper)
          variables:
            GIT_SSL_CAINFO: \(ca)
            GIT_TERMINAL_PROMPT: "0"
            HOST: git-codecommit.eu-central-1.amazonaws.com
        phases:
          build:
            commands:
              - git -c http.curloptResolve=$HOST:\(port):127.0.0.1 clone -q https://$HOST:\(port)/v1/repos/app got
              - cat got/file

        """
    }

    private func withRepository(
        token: String = "", _ body: @Sendable (ScratchDirectory, Int) async throws -> Void
    ) async throws {
        try await withScratchDirectory { scratch in
            var invocation = Program.Invocation(["-euc", Self.preparation, "sh", scratch.path.string])
            invocation.environment = ["HOME": scratch.path.string]
            let made = try await Program("/bin/sh").run(invocation)
            try #require(made.status == 0, "\(made)")
            let arguments = [scratch.path.string, "AKIAIOSFODNN7EXAMPLE", "planted/secret+key", token]
            try await withPythonServer(Self.server, arguments: arguments) { port in
                try await body(scratch, port)
            }
        }
    }

    @Test(arguments: ["", "planted-session-token/with+odd=characters"])
    func `git in a build clones from CodeCommit with the credentials it is lent`(token: String) async throws {
        try await withRepository(token: token) { scratch, port in
            try await withProject(buildspec("yes", port, scratch.path.appending("cert.pem").string)) {
                project in
                var environment = [
                    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_REGION": "eu-central-1",
                    "AWS_SECRET_ACCESS_KEY": "planted/secret+key",
                ]
                if !token.isEmpty { environment["AWS_SESSION_TOKEN"] = token }
                let outcome = try await project.run(
                    "--sandbox", "host", "--aws-credentials", environment: environment)
                #expect(outcome.status == 0, "\(outcome)")
                #expect(outcome.standardOutput.contains("\nwhat the repository has\n"))
                #expect(!(outcome.standardOutput + outcome.standardError).contains("planted"))
            }
        }
    }

    @Test func `without the key in the buildspec git gets nothing`() async throws {
        try await withRepository { scratch, port in
            try await withProject(buildspec("no", port, scratch.path.appending("cert.pem").string)) {
                project in
                let outcome = try await project.run(
                    "--sandbox", "host", "--aws-credentials",
                    environment: [
                        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_REGION": "eu-central-1",
                        "AWS_SECRET_ACCESS_KEY": "planted/secret+key",
                    ])
                #expect(outcome.status == 1, "\(outcome)")
                #expect(outcome.standardOutput.contains("could not read Username"))
            }
        }
    }

    @Test func `a build without credentials is told where git's would come from`() async throws {
        let buildspec = "env:\n  git-credential-helper: yes\n" + commands("git config credential.helper")
        try await withProject(buildspec) { project in
            let outcome = try await project.run("--sandbox", "host")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("buildspec' git-credential\n"))
            #expect(outcome.standardError.contains("--aws-credentials lends the build some"))
        }
    }

    @Test(arguments: [
        ("get", "protocol=http\nhost=git-codecommit.eu-central-1.amazonaws.com\npath=v1/repos/app\n"),
        ("get", "protocol=https\nhost=github.com\npath=a/b\n"),
        (
            "get",
            "protocol=https\nhost=git-codecommit.eu-central-1.amazonaws.com.evil.example\npath=v1/repos/app\n"
        ),
        ("get", "protocol=https\nhost=evil-git-codecommit.eu-central-1.amazonaws.com\npath=v1/repos/app\n"),
        ("get", "protocol=https\nhost=x.git-codecommit.eu-central-1.amazonaws.com\npath=v1/repos/app\n"),
        ("get", "protocol=https\nhost=git-codecommit.eu-central-1.amazonaws.com\n"), ("get", ""),
        ("store", "protocol=https\nhost=git-codecommit.eu-central-1.amazonaws.com\npath=v1/repos/app\n"),
        ("erase", "protocol=https\nhost=git-codecommit.eu-central-1.amazonaws.com\npath=v1/repos/app\n"),
    ])
    func `nobody else is given anything`(operation: String, question: String) async throws {
        try await withProject { project in
            let outcome = try await project.buildspec(
                ["git-credential", operation],
                environment: [
                    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
                ],
                input: question)
            #expect(outcome.status == 0)
            #expect(outcome.standardOutput == "")
        }
    }

    @Test(arguments: [
        "git-codecommit.eu-central-1.amazonaws.com", "git-codecommit-fips.us-east-2.amazonaws.com",
        "git-codecommit.cn-north-1.amazonaws.com.cn",
        "vpce-0123-abcd.git-codecommit.eu-west-1.vpce.amazonaws.com",
    ])
    func `all of CodeCommit's hosts are known`(host: String) async throws {
        try await withProject { project in
            let outcome = try await project.buildspec(
                ["git-credential", "get"],
                environment: [
                    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
                ],
                input: "protocol=https\nhost=\(host)\npath=v1/repos/app\n\n")
            #expect(
                outcome.standardOutput.hasPrefix("username=AKIAIOSFODNN7EXAMPLE\npassword=20"), "\(outcome)")
        }
    }
}
