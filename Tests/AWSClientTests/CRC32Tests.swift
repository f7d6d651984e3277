import Testing

@testable import AWSClient

@Suite struct CRC32Tests {
    private func checksum(_ bytes: some Collection<UInt8>) -> CRC32 {
        var checksum = CRC32()
        Array(bytes).withUnsafeBytes { checksum.update($0) }
        return checksum
    }

    @Test func `is the one of zip, most significant byte first`() {
        #expect(checksum("123456789".utf8).value == 0xCBF4_3926)
        #expect(checksum("123456789".utf8).base64 == "y/Q5Jg==")
        #expect(CRC32(base64: "y/Q5Jg==")?.value == 0xCBF4_3926)
        #expect(checksum([]).base64 == "AAAAAA==")
    }

    @Test(arguments: ["", "AAAA", "AAAAAA==-3", "y/Q5Jg", "not base64"])
    func `is not read from other texts`(_ text: String) {
        #expect(CRC32(base64: text) == nil)
    }

    @Test func `of the parts gives that of the whole`() {
        let bytes = sampleBytes(70_000)
        for cut in [0, 1, 7, 4096, 65_537, 69_999, 70_000] {
            let head = checksum(bytes[..<cut])
            let tail = checksum(bytes[cut...])
            #expect(head.followed(by: tail, length: Int64(bytes.count - cut)) == checksum(bytes))
        }
    }
}
