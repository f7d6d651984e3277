import SystemPackage
import Testing

@testable import AWSClient

@Suite struct UploadPlanTests {
    private static let plans: [(length: Int64, count: Int, size: Int64)] = [
        (5_242_880, 1, 8_388_608), (20_971_521, 3, 8_388_608), (5_497_558_138_880, 9987, 550_502_400),
        (83_886_080_000, 10_000, 8_388_608), (83_886_080_001, 8889, 9_437_184),
    ]

    @Test(arguments: plans)
    func `cuts a file into at most ten thousand parts`(_ length: Int64, _ count: Int, _ size: Int64) throws {
        let slice = FileSlice(path: "x", offset: 3, length: length)
        let plan = try #require(UploadPlan(slice, TransferSettings(partSize: 8 << 20)))
        #expect(plan.partCount == count)
        #expect(plan.partSize == size)
        let parts = (1...plan.partCount).map(plan.part)
        #expect(parts.reduce(0) { $0 + $1.length } == length)
        #expect(parts.first?.offset == 3)
        #expect(parts.allSatisfy { $0.length > 0 && $0.length <= plan.partSize })
    }

    @Test(arguments: [(5, 4), (10, 2), (16, 1)])
    func `holds no more memory for large parts than for small ones`(_ mebibytes: Int64, _ parallel: Int) {
        #expect(TransferSettings().parallel(partSize: mebibytes << 20) == parallel)
    }

    @Test(arguments: [Int64.max, 53_687_091_200_001])
    func `knows when a file is too large for any object`(_ length: Int64) {
        #expect(UploadPlan(FileSlice(path: "x", offset: 0, length: length), TransferSettings()) == nil)
    }
}
