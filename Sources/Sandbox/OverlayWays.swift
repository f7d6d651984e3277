import Synchronization

/// What this process has learnt about the ways to a writable system: a way that was refused once is not tried again.
final class OverlayWays: Sendable {
    static let shared = OverlayWays()

    private let refused = Mutex<[(way: OverlayWay, refusal: OverlayRefusal)]>([])

    /// The ways that may work, the best first.
    var untried: [OverlayWay] {
        let known = refused.withLock { $0.map(\.way) }
        return OverlayWay.candidates.filter { !known.contains($0) }
    }

    /// Why the best of the ways does not work.
    var firstRefusal: OverlayRefusal? { refused.withLock { $0.first?.refusal } }

    /// Notes that a way does not work.
    func refuse(_ way: OverlayWay, _ refusal: OverlayRefusal) {
        refused.withLock { $0.append((way, refusal)) }
    }
}

extension SandboxError {
    /// A sandbox that did not come up with overlays: the way does not work here.
    func asRefusal(of way: OverlayWay?) -> SandboxError {
        guard let way, code == .startFailed else { return self }
        return SandboxError(
            code: .overlayRefused, detail: detail, path: path,
            hint: way == .fuse
                ? "let this user open /dev/fuse, or run as root"
                : "keep .buildspec on a disk that overlayfs can write to, or allow mounts to this user")
    }
}
