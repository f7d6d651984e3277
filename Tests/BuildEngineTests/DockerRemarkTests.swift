import Testing

@testable import BuildEngine

@Suite struct DockerRemarkTests {
    private static let complaint = Array(
        "xC Cannot connect to the Docker daemon at unix:///x. Is it running?\n".utf8)

    @Test(arguments: [1, 2, 7, 38, 39, 40, 64, 1000])
    func `a complaint is noticed wherever the output is split`(size: Int) {
        var remark = DockerRemark()
        var rest = (Array(repeating: UInt8(ascii: "C"), count: 500) + Self.complaint)[...]
        while !rest.isEmpty {
            remark.feed(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        #expect(remark.isNeeded)
    }

    @Test func `other output is no complaint`() {
        var remark = DockerRemark()
        remark.feed([])
        remark.feed(Array("Cannot connect to the Docker".utf8))
        remark.feed(Array(" something daemon".utf8))
        #expect(!remark.isNeeded)
    }
}
