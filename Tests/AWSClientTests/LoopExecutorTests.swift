import FoundationEssentials
import Glibc
import Testing

@testable import AWSClient

@Suite struct LoopExecutorTests {
    @Test func `a task stays on the connections' thread, and so does what it begins`() async {
        let executor = LoopExecutor()
        for _ in 0..<20 {
            let threads = await Task(executorPreference: executor) {
                // Not any thread, but NIO's own.
                #expect(Self.threadName.hasPrefix("NIO-"))
                var threads = [pthread_self()]
                await Task.yield()
                threads.append(pthread_self())
                try? await Task.sleep(for: .milliseconds(1))
                threads.append(pthread_self())
                await withTaskGroup(of: pthread_t.self) { group in
                    for _ in 0..<3 { group.addTask { pthread_self() } }
                    for await thread in group { threads.append(thread) }
                }
                return threads
            }.value
            #expect(threads.count == 6)
            #expect(Set(threads).count == 1)
        }
    }

    private static var threadName: String {
        (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)) ?? ""
    }

    @Test(.timeLimit(.minutes(1))) func `a task that waits there can be cancelled`() async {
        let task = Task(executorPreference: LoopExecutor()) {
            try? await Task.sleep(for: .seconds(3_600))
            return Task.isCancelled
        }
        task.cancel()
        #expect(await task.value)
    }
}
