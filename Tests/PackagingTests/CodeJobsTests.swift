import Testing

@testable import Packaging

@Suite struct CodeJobsTests {
    @Test func `large jobs are begun before small ones, and equal ones in their order`() {
        var jobs = CodeJobs<String>()
        for (job, size) in [("a", 2), ("read b", UInt64.max), ("c", 9), ("d", 2), ("read e", .max), ("f", 0)]
        {
            jobs.add(job, size: size)
        }
        var order: [String] = []
        while let job = jobs.next() { order.append(job) }
        #expect(order == ["read b", "read e", "c", "a", "d", "f"])
    }
}
