package import AWSClient

/// Looks out for the end of the EC2 instance under a worker.
///
/// EC2 tells of it two minutes before, in the instance's metadata; every five seconds is how often its documentation
/// says to look.
package struct SpotWatch: Sendable {
    private let metadata: InstanceMetadata
    private let clock: WallClock
    private let interval: Duration
    /// How many seconds a token lasts; it is renewed after half of them, so that none ends between two questions.
    private static let tokenLifetime = 21_600

    /// A watch; nil where `AWS_EC2_METADATA_DISABLED` says not to look.
    ///
    /// - Parameters:
    ///   - session: whose environment and connections are used.
    ///   - clock: tells the time, and waits.
    ///   - interval: how often to look.
    /// - Throws: `AWSError` (`configuration`) when `AWS_EC2_METADATA_SERVICE_ENDPOINT` is not an address.
    package init?(
        _ session: AWSSession, clock: WallClock = .system, interval: Duration = .seconds(5)
    ) throws(AWSError) {
        guard let metadata = try InstanceMetadata(session) else { return nil }
        self.metadata = metadata
        self.clock = clock
        self.interval = interval
    }

    /// Waits for word of the instance's end.
    ///
    /// - Returns: The word; nil at once where there is no metadata service (not on EC2), and when the task is cancelled.
    package func notice() async -> SpotNotice? {
        guard var token = try? await metadata.token(lifetime: Self.tokenLifetime) else { return nil }
        var renewal = clock.now().advanced(bySeconds: Double(Self.tokenLifetime / 2))
        while !Task.isCancelled {
            do throws(AWSError) {
                if clock.now() >= renewal {
                    token = try await metadata.token(lifetime: Self.tokenLifetime)
                    renewal = clock.now().advanced(bySeconds: Double(Self.tokenLifetime / 2))
                }
                if let notice = try await look(token) { return notice }
            } catch {
                // The service is there, so it will be there again; a token that it does not know is replaced.
                if error.serviceFailure?.status == 401 { renewal = clock.now() }
            }
            do { try await clock.sleep(interval) } catch { return nil }
        }
        return nil
    }

    private func look(_ token: String) async throws(AWSError) -> SpotNotice? {
        if let document = try await metadata.text("spot/instance-action", token: token),
            let notice = SpotNotice.interruption(document)
        {
            return notice
        }
        let state = try await metadata.text("autoscaling/target-lifecycle-state", token: token)
        return state?.filter({ !$0.isWhitespace }) == "Terminated" ? .scaleIn : nil
    }
}
