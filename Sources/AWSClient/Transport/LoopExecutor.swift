import AsyncHTTPClient
import NIOCore

/// Runs tasks on the thread that serves connections.
///
/// A task that does nothing but wait for one answer is spared the ways between its own thread and that one, of which each
/// wakes a thread. What computes, or blocks, would hold up all connections.
package final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    /// Takes the next of the threads; begins them if nothing has yet.
    package init() {
        loop = HTTPClient.defaultEventLoopGroup.next()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
