import Dispatch
import Synchronization

/// What covers the system's directories, worked out beside the other preparations of a process's first sandbox: to look
/// through `/etc` takes milliseconds.
package final class LayersAhead: Sendable {
    private final class Work: Sendable {
        let network: SandboxConfiguration.Network
        let isDone = DispatchSemaphore(value: 0)
        let result = Mutex<Result<OverlayLayers, SandboxError>?>(nil)

        init(_ network: SandboxConfiguration.Network) { self.network = network }

        func run() {
            let made = Result { () throws(SandboxError) in
                try OverlayLayers(OverlayLayers.presentDirectories, network: network)
            }
            result.withLock { $0 = made }
            isDone.signal()
        }
    }

    /// The one of this process.
    package static let shared = LayersAhead()

    private let work = Mutex<Work?>(nil)
    private let isFirst = Atomic(true)

    /// Begins, where it has not begun yet, and has the kernel do beforehand what it does; what is never asked for does no harm.
    ///
    /// The first time is at the start of the process, before it has other threads: it plants the ``SandboxSeed``.
    package func begin(network: SandboxConfiguration.Network) {
        let begun = Work(network)
        let isNew = work.withLock { work in
            guard work?.network != network else { return false }
            work = begun
            return true
        }
        guard isNew else { return }
        let seed =
            isFirst.exchange(false, ordering: .relaxed) && SandboxSeed.shared.plant()
            ? SandboxSeed.shared : nil
        // Without threads, whoever asks does it.
        guard let first = try? BlockingThread(), let second = try? BlockingThread() else {
            seed?.settle()
            return work.withLock { $0 = nil }
        }
        first.begin { begun.run() }
        second.begin {
            seed?.settle()
            ControlGroup.waitAhead()
        }
    }

    /// What has been begun for such a network, once; nil when nothing has, or it failed.
    func take(network: SandboxConfiguration.Network) -> OverlayLayers? {
        let begun = work.withLock { work in
            defer { work = nil }
            return work
        }
        guard let begun, begun.network == network else { return nil }
        begun.isDone.wait()
        return begun.result.withLock { try? $0?.get() }
    }
}
