import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import AWSClient

/// Many uploads through a proxy that spoils three of ten requests, to a real store behind it.
@Suite(.serialized, .motoServer) struct S3StormTests {
    /// `BUILDSPEC_STORM_UPLOADS=200` runs the large version.
    private static let count =
        ProcessInfo.processInfo.environment["BUILDSPEC_STORM_UPLOADS"].flatMap(Int.init) ?? 16

    /// Eight kinds of faults; together they strike 30 of 100 requests.
    private static let faults: [FaultProxy.Rule] = {
        func rule(_ set: (inout FaultProxy.Rule) -> Void) -> FaultProxy.Rule {
            FaultProxy.Rule(".", times: .max) {
                $0.chance = 0.0436
                set(&$0)
            }
        }
        let slowDown =
            "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
        let damaged = "<Error><Code>XAmzContentSHA256Mismatch</Code></Error>"
        return [
            rule { $0.reset = true }, rule { $0.swallow = true }, rule { $0.silence = 0.3 },
            rule { $0.status = 500 }, rule { ($0.status, $0.body) = (503, slowDown) },
            rule { $0.cut = 3 }, rule { ($0.status, $0.body) = (400, damaged) },
            rule { $0.spoil = "x-amz-checksum-crc32" },
        ]
    }()

    @Test func `brings every object there whole and once, and leaves no parts`() async throws {
        let moto = try MotoServer.required()
        _ = try await moto.boto3(createBucket, arguments: ["storm"])
        try await withScratchDirectory { scratch in
            let files = try (0..<Self.count).map { number in
                // Every eighth comes in parts.
                let size = number % 8 == 7 ? (10 << 20) + number : number * 1009
                return FileUpload(
                    try FileSlice(wholeFile: try scratch.write(sampleBytes(size), to: "\(number)")),
                    to: try ObjectLocation(bucket: "storm", key: "objects/\(number)"))
            }
            try await FaultProxy.run(Self.faults, upstream: moto.endpointURL) { proxy in
                try await withTestSession(moto, ["AWS_ENDPOINT_URL": proxy.endpointURL]) { session in
                    let s3 = try session.s3()
                    for file in files {
                        _ = try await s3.upload(file.slice, to: file.location, settings: smallParts)
                    }
                }
                let requests = try await proxy.requests()
                #expect(requests.count > Self.count * 5 / 4, "the faults did strike")
                #expect(requests.allSatisfy { $0.signatureIsRight == true })
            }
            try await withTestSession(moto) { session in
                let s3 = try session.s3()
                #expect(try await s3.listObjects("storm").entries.count == Self.count)
                for file in files {
                    var back: [UInt8] = []
                    _ = try await s3.getObject(file.location) { back += $0 }
                    #expect(back.count == Int(file.slice.length) && back == sampleBytes(back.count))
                }
            }
            let left = try await moto.boto3(
                """
                print(client("s3").list_multipart_uploads(Bucket="storm").get("Uploads", []), end="")
                """)
            #expect(left == "[]")
        }
    }
}
