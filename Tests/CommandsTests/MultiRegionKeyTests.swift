import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Multi-Region keys, which moto makes but cannot decrypt with, and the whereabouts of data keys: a server that knows no more of KMS than their rules.
@Suite struct MultiRegionKeyTests {
    /// Decrypts with a key of the same id in the Region that signs the request, under the same context.
    private static let service = """
        import base64, http.server, json, os, sys, threading

        issued = []

        class KMS(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                region = self.headers["Authorization"].split("/")[2]
                arn = asked["KeyId"]
                own, key = arn.split(":")[3], arn.split("/")[-1]
                answer, status = {"__type": "NotFoundException", "message": "Key " + arn + " is elsewhere"}, 400
                if own == region and self.headers["X-Amz-Target"].endswith("GenerateDataKey"):
                    plain = base64.b64encode(os.urandom(asked["NumberOfBytes"])).decode()
                    issued.append(plain)
                    blob = json.dumps([key, "key %d" % len(issued), asked["EncryptionContext"]]).encode()
                    answer, status = {
                        "KeyId": arn, "Plaintext": plain, "CiphertextBlob": base64.b64encode(blob).decode()}, 200
                elif own == region and self.headers["X-Amz-Target"].endswith("Decrypt"):
                    blob = json.loads(base64.b64decode(asked["CiphertextBlob"]))
                    answer = {"__type": "InvalidCiphertextException"}
                    if [blob[0], blob[2]] == [key, asked["EncryptionContext"]] and region != "us-east-1":
                        answer, status = {"KeyId": arn, "Plaintext": issued[int(blob[1][4:]) - 1]}, 200
                self.answer(status, json.dumps(answer).encode())
            def do_GET(self): self.answer(200, "\\n".join(issued).encode())
            def answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments): pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), KMS)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("ready", server.server_address[1], flush=True)
        sys.stdin.read()

        """

    private static func key(_ region: String, _ id: String = "mrk-1234abcd") -> String {
        "arn:aws:kms:\(region):111122223333:key/\(id)"
    }

    /// The Region of the message's own key is down for decryption.
    @Test func `opens what a twin in another Region sealed, in its own Region`() async throws {
        try await withPythonServer(Self.service) { port in
            let environment = MotoServer(endpointURL: "http://127.0.0.1:\(port)").environment
            try await withProject { project in
                try project.scratch.write("for all Regions\n", to: "app/plain")
                let sealed = try await project.buildspec(
                    [
                        "artifact", "encrypt", "plain", "-o", "sealed", "--encryption-key",
                        Self.key("us-east-1"),
                    ],
                    environment: environment)
                #expect(sealed.status == 0, "\(sealed)")
                for options in [
                    ["--encryption-key", Self.key("eu-west-1")], [], ["--account", "111122223333"],
                ] {
                    let opened = try await project.buildspec(
                        ["artifact", "decrypt", "sealed", "-o", "opened"] + options, environment: environment)
                    #expect(opened.status == 0, "\(opened)")
                    #expect(try project.scratch.read("app/opened") == Array("for all Regions\n".utf8))
                }
                for (key, status) in [
                    (Self.key("us-east-1"), Int32(3)), (Self.key("eu-west-1", "mrk-other"), 1),
                    (Self.key("eu-west-1", "1234abcd"), 1),
                    (Self.key("eu-west-1").replacing("1111", with: "4444"), 1),
                ] {
                    let refused = try await project.buildspec(
                        ["artifact", "decrypt", "sealed", "-o", "no", "--encryption-key", key],
                        environment: environment)
                    #expect(refused.status == status, "\(key): \(refused)")
                    #expect(refused.standardError.contains(Self.key("us-east-1")), "\(refused)")
                    #expect(try project.files(below: "app") == ["opened", "plain", "sealed"])
                }
            }
        }
    }

    @Test func `no data key is in a log, a record, an error or a file`() async throws {
        try await withPythonServer(Self.service) { port in
            let address = "http://127.0.0.1:\(port)"
            let environment = MotoServer(endpointURL: address).environment
            try await withProject(artifactBuildspec()) { project in
                let outcome = try await project.run(
                    "--keep", "--output", "../dist", "--encryption-key", Self.key("eu-central-1"),
                    environment: environment)
                #expect(outcome.status == 0, "\(outcome)")
                let opened = try await project.buildspec(
                    ["artifact", "decrypt", "../dist/app.zip.enc", "-o", "app.zip"], environment: environment)
                #expect(opened.status == 0, "\(opened)")
                let fetched = try await project.tool(
                    "/usr/bin/python3", "-c",
                    "import urllib.request; print(urllib.request.urlopen('\(address)').read().decode(), end='')"
                )
                let keys = fetched.standardOutput.split(separator: "\n").map(String.init)
                // One for the look before the build, one for the artifact.
                #expect(keys.count == 2)
                for key in keys {
                    let bytes = try #require(Data(base64Encoded: key))
                    let hexadecimal = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                    let raw = bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                    let found = try await project.tool(
                        "/bin/grep", "-rlaiP", "\\Q\(key)\\E|\(hexadecimal)|\(raw)", "..")
                    #expect(found.standardOutput == "", "\(found)")
                    for text in [key, hexadecimal] {
                        let told = [outcome, opened].map { $0.standardOutput + $0.standardError }.joined()
                        #expect(!told.contains(text))
                    }
                }
            }
        }
    }
}
