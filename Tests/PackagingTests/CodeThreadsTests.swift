import Glibc
import Synchronization
import Testing

@testable import Packaging

struct CodeThreadsTests {
    @Test(arguments: [1, 2, 8])
    func `every job is done once, whoever does it`(count: Int) async {
        let done = Done()
        let sum = await CodeThreads.with(count) { threads in
            await withTaskGroup(of: Int.self) { group in
                for job in 1...100 {
                    group.addTask {
                        await threads.run { _ in
                            done.jobs.withLock { $0.append(job) }
                            return job
                        }
                    }
                }
                return await group.reduce(0, +)
            }
        }
        #expect(sum == 5050)
        #expect(done.jobs.withLock { $0.sorted() } == Array(1...100))
    }

    @Test func `a job learns that its task was cancelled`() async {
        let begun = Done()
        let task = Task {
            await CodeThreads.with(1) { threads in
                await threads.run { isCancelled in
                    begun.jobs.withLock { $0.append(1) }
                    while !isCancelled() { usleep(1_000) }
                    return "cancelled"
                }
            }
        }
        while begun.jobs.withLock({ $0.isEmpty }) { await Task.yield() }
        task.cancel()
        #expect(await task.value == "cancelled")
    }

    @Test func `what a job throws is thrown where it was wanted`() async {
        await #expect(throws: TemplateError(.cancelled, "it", "so")) {
            try await CodeThreads.with(2) { threads throws(TemplateError) in
                try await threads.run { _ throws(TemplateError) -> Int in
                    throw TemplateError(.cancelled, "it", "so")
                }
            }
        }
    }
}

private final class Done: Sendable {
    let jobs = Mutex<[Int]>([])
}
