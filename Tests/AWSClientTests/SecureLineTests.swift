import AWSClient
import SystemPackage
import TestSupport
import Testing

/// TLS and proxies, with a server that has a certificate of its own making.
@Suite(.serialized) struct SecureLineTests {
    @Test func `trusts nobody but the certificate bundle`() async throws {
        try await withSecureServer { port, bundle in
            let variables = standInEnvironment("https://localhost:\(port)")
            let untrusted = try await failure { try await ask(variables) }
            #expect(untrusted.kind == .transport(.untrusted))
            #expect(
                untrusted.description
                    == "sts GetCallerIdentity: the server's certificate is not trusted (https://localhost:\(port))"
            )
            #expect(untrusted.hint?.contains("AWS_CA_BUNDLE") == true)
            try await ask(variables.merging(["AWS_CA_BUNDLE": bundle]) { $1 })
            for unusable in ["/nonexistent", "/dev/null", "/etc/hostname"] {
                let broken = try await failure {
                    try await ask(variables.merging(["AWS_CA_BUNDLE": unusable]) { $1 })
                }
                #expect(broken.kind == .configuration)
                #expect(broken.subject == "certificate bundle \(unusable)")
            }
        }
    }

    @Test func `reads no certificates where there is no TLS`() async throws {
        let outcome = try await askForCaller([
            "AWS_ACCESS_KEY_ID": "K", "AWS_SECRET_ACCESS_KEY": "S", "AWS_CA_BUNDLE": "/nonexistent",
        ])
        #expect(outcome.error == nil)
    }

    @Test func `refuses a certificate of another name`() async throws {
        try await withSecureServer { port, bundle in
            let variables = standInEnvironment("https://127.0.0.1:\(port)").merging(["AWS_CA_BUNDLE": bundle])
            { $1 }
            let error = try await failure { try await ask(variables) }
            #expect(error.kind == .transport(.untrusted))
            #expect(error.reason.hasPrefix("the server's certificate is for another name"))
        }
    }

    @Test func `reaches a host through the proxy that knows it`() async throws {
        try await withSecureServer { port, bundle in
            // The server takes CONNECT too, and leads every name to itself.
            let variables = standInEnvironment("https://store.example:443").merging([
                "AWS_CA_BUNDLE": bundle, "HTTPS_PROXY": "http://user:pass@127.0.0.1:\(port)",
            ]) { $1 }
            try await ask(variables)
            let refused = try await failure {
                try await ask(variables.merging(["HTTPS_PROXY": "http://127.0.0.1:\(port)"]) { $1 })
            }
            #expect(refused.kind == .transport(.protocolViolation))
        }
    }

    private func ask(_ environment: [String: String]) async throws {
        try await withTestSession(environment) { session in
            let identity = try await STSClient(context: session.context(.sts)).callerIdentity()
            #expect(identity.account == "1")
        }
    }

    private func withSecureServer(_ body: @Sendable (Int, String) async throws -> Void) async throws {
        try await withScratchDirectory { scratch in
            let bundle = scratch.path.appending("ca.pem").string
            try await withPythonServer(script, arguments: [scratch.path.string]) { port in
                try await body(port, bundle)
            }
        }
    }

    private let script = #"""
        import base64, datetime, os, socketserver, ssl, sys, threading
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        folder = sys.argv[1]
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        now = datetime.datetime.now(datetime.timezone.utc)
        names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.DNSName("store.example")])
        certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(7).not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
            .add_extension(names, False).add_extension(x509.BasicConstraints(True, None), True)
            .sign(key, hashes.SHA256()))
        pem = serialization.Encoding.PEM
        open(folder + "/ca.pem", "wb").write(certificate.public_bytes(pem))
        open(folder + "/key.pem", "wb").write(key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder + "/ca.pem", folder + "/key.pem")

        class Handler(socketserver.BaseRequestHandler):
            def head(self, connection):
                data = b""
                while b"\r\n\r\n" not in data:
                    piece = connection.recv(65536)
                    if not piece:
                        return None
                    data += piece
                return data

            def handle(self):
                import socket
                if self.request.recv(1, socket.MSG_PEEK) == b"C":
                    wanted = b"authorization: basic " + base64.b64encode(b"user:pass")
                    if wanted.lower() not in self.head(self.request).lower():
                        return self.request.sendall(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
                    self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                secure = context.wrap_socket(self.request, server_side=True)
                if self.head(secure):
                    body = (b"<R><GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId><Account>1</Account>"
                            b"</GetCallerIdentityResult></R>")
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
                    # Closing before the client does would reset the connection.
                    secure.recv(1)
                secure.close()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def handle_error(self, request, address):
                pass

        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("ready", server.server_address[1], flush=True)
        sys.stdin.read()
        """#
}
