import CLinuxCalls
import Dispatch
import Glibc
import Synchronization

/// A process that has begun to become a sandbox before anybody knows which.
///
/// To copy a process costs least at its very beginning, and the copy goes into its namespaces while the runner still reads
/// its arguments. It holds nothing of the runner's but its ends of two streams, waits at one of them, and does not outlive
/// the runner.
package final class SandboxSeed: Sendable {
    private struct Planted {
        let process: ChildProcess
        /// Where the launch is left for it: an address.
        let ground: UInt
    }

    /// The one of this process.
    package static let shared = SandboxSeed()

    private let planted = Mutex<Planted?>(nil)
    private let hasUsers = Mutex(false)
    /// Signalled when ``settle()`` is over.
    private let isSettled = DispatchSemaphore(value: 0)

    /// Makes the process, where the kernel's overlays are this user's: to be called by the main thread, with whose end the
    /// process would end too, and before there are others.
    /// - Returns: Whether there is one, to be settled.
    func plant() -> Bool {
        guard OverlayWay.candidates.contains(.kernel) else { return false }
        var seed: UnsafeMutableRawPointer?
        let made = ChildProcess.make { input, log in
            OverlayStage.question.withCString { buildspec_plant_sandbox($0, input, log, &seed) }
        }
        guard case .success(let process) = made, let seed else { return false }
        planted.withLock { $0 = Planted(process: process, ground: UInt(bitPattern: seed)) }
        return true
    }

    /// Waits until the process wants its user ids, and gives them.
    func settle() {
        defer { isSettled.signal() }
        guard let process = planted.withLock({ $0?.process }) else { return }
        let question = Array(OverlayStage.question.utf8)
        var said: [UInt8] = []
        while said.count < question.count {
            var byte: UInt8 = 0
            let count = read(process.log, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return }
            said.append(byte)
        }
        // What else it says, its successor will say again, to those who listen.
        guard said == question, (try? UserMapping.writeOwn(for: process.pid)) != nil else { return }
        hasUsers.withLock { $0 = true }
    }

    /// Has the process become this sandbox, if there is one and it can; once.
    func take(for launch: SandboxLaunch) -> ChildProcess? {
        guard launch.overlays != nil, let seed = pull() else { return nil }
        let ground = UnsafeMutableRawPointer(bitPattern: seed.ground)
        let isFed = launch.withStructure { launch in
            ground.map { buildspec_feed_seed($0, launch) == 0 } ?? false
        }
        ground.map(buildspec_forget_seed)
        let line = OverlayStage.goOn
        guard isFed, hasUsers.withLock({ $0 }),
            send(seed.process.requests, line, line.count, Int32(MSG_NOSIGNAL)) == line.count
        else {
            seed.process.end()
            return nil
        }
        return seed.process
    }

    /// Ends the process: no sandbox with overlays will be made.
    package func discard() {
        guard let seed = pull() else { return }
        UnsafeMutableRawPointer(bitPattern: seed.ground).map(buildspec_forget_seed)
        seed.process.end()
    }

    private func pull() -> Planted? {
        let seed = planted.withLock { planted in
            defer { planted = nil }
            return planted
        }
        if seed != nil { isSettled.wait() }
        return seed
    }
}
