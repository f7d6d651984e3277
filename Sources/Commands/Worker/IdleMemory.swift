import CLinuxCalls
import PipelineWorker
import Synchronization

/// Gives memory that builds have used back to the machine when there is nothing to build.
///
/// The C library keeps what was freed, and the kernel what was run, for whoever asks next; nobody does while a worker waits.
final class IdleMemory: WorkerObserver {
    private let hasBuilt = Atomic(false)

    func note(_ event: WorkerEvent) {
        switch event {
        case .built: hasBuilt.store(true, ordering: .relaxed)
        case .polled(offered: 0):
            if hasBuilt.exchange(false, ordering: .relaxed) { buildspec_give_memory_back() }
        default: break
        }
    }
}
