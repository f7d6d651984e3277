import AWSAdapters
import AWSClient
import Envelope
import SystemPackage
import TestSupport
import Testing

/// Messages sealed by a KMS key of moto.
@Suite(.motoServer) struct KMSKeyringTests {
    @discardableResult
    private func withKeyring<R>(
        _ moto: MotoServer, keyID: String?, _ body: (any Keyring) async throws -> R
    ) async throws -> R {
        let configuration = try AWSConfiguration(environment: moto.environment, overrides: .init())
        return try await withAWSSession(configuration) { session in
            guard let keyID else { return try await body(KMSDiscoveryKeyring(session: session, filter: nil)) }
            return try await body(KMSKeyring(session: session, keyID: keyID))
        }
    }

    private func makeKey(_ moto: MotoServer, alias: String) async throws -> String {
        try await moto.boto3(
            """
            key = client("kms").create_key()["KeyMetadata"]["Arn"]
            client("kms").create_alias(AliasName=sys.argv[1], TargetKeyId=key)
            print(key, end="")
            """, arguments: [alias])
    }

    @Test(arguments: ["arn", "id", "alias"])
    func `seals under a key by any of its names, and opens without being told`(kind: String) async throws {
        let moto = try MotoServer.required()
        let arn = try await makeKey(moto, alias: "alias/\(kind)")
        let names = [
            "arn": arn, "id": String(arn.split(separator: "/").last ?? ""), "alias": "alias/\(kind)",
        ]
        try await withScratchDirectory { scratch in
            let plain = try scratch.write("a secret text", to: "plain")
            let sealed = scratch.path.appending("sealed")
            try await withKeyring(moto, keyID: names[kind]) { keyring in
                _ = try await Envelope.sealFile(
                    at: plain, to: sealed, keyring: keyring, context: EncryptionContext(["build": "b:1"]))
            }
            let message = String(decoding: try scratch.read("sealed"), as: UTF8.self)
            #expect(message.contains(arn))
            #expect(!message.contains("a secret text"))
            try await withKeyring(moto, keyID: nil) { keyring in
                let summary = try await Envelope.openFile(
                    at: sealed, to: scratch.path.appending("opened"), keyring: keyring)
                #expect(summary.keyName.contains(arn))
            }
            #expect(try scratch.read("opened") == Array("a secret text".utf8))
        }
    }

    @Test func `does not open when KMS knows no such key, and writes nothing`() async throws {
        let moto = try MotoServer.required()
        let arn = try await makeKey(moto, alias: "alias/elsewhere")
        try await withScratchDirectory { scratch in
            let plain = try scratch.write("text", to: "plain")
            let sealed = scratch.path.appending("sealed")
            try await withKeyring(moto, keyID: arn) { keyring in
                _ = try await Envelope.sealFile(
                    at: plain, to: sealed, keyring: keyring, context: EncryptionContext([:]))
            }
            // A server of its own knows nothing of the other one's keys.
            _ = try await MotoServer.run { stranger in
                try await withKeyring(stranger, keyID: nil) { keyring in
                    await #expect(throws: EnvelopeError.self) {
                        _ = try await Envelope.openFile(
                            at: sealed, to: scratch.path.appending("opened"), keyring: keyring)
                    }
                }
            }
            #expect(throws: (any Error).self) { try scratch.read("opened") }
        }
    }

    @Test(arguments: ["alias/unknown", "arn:aws:kms:eu-central-1:123456789012:key/none", "not a key", ""])
    func `tells the service's words for a key that is unknown`(keyID: String) async throws {
        let moto = try MotoServer.required()
        try await withScratchDirectory { scratch in
            let plain = try scratch.write("text", to: "plain")
            try await withKeyring(moto, keyID: keyID) { keyring in
                await #expect {
                    _ = try await Envelope.sealFile(
                        at: plain, to: scratch.path.appending("sealed"), keyring: keyring,
                        context: EncryptionContext([:]))
                } throws: { error in
                    (error as? EnvelopeError)?.description.contains("kms GenerateDataKey") == true
                }
            }
            #expect(throws: (any Error).self) { try scratch.read("sealed") }
        }
    }
}
