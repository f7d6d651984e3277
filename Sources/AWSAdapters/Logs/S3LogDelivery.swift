package import AWSClient
import Archiving
package import BuildEngine
import Synchronization
package import SystemPackage

/// A build's log as one gzip object in S3, `<location>/<uuid>.gz`, stored at the end (behaviour reference, section 4.8).
package final class S3LogDelivery: LogDelivery {
    private let client: S3Client
    private let place: ObjectLocation
    private let attributes: ObjectAttributes
    private let file: FilePath
    private let limits: DeliveryLimits
    private let state = Mutex(State())

    fileprivate struct State {
        var output: FileDescriptor?
        // Fast rather than small: lines wait for it.
        var gzip = GzipStream(level: 3)
        var pending: [UInt8] = []
        var failure: Errno?
    }

    private static let pieceLength = 256 << 10

    /// Stores under a key.
    /// - Parameters:
    ///   - client: The way to S3.
    ///   - place: Bucket and key.
    ///   - attributes: Encryption and permissions.
    ///   - file: Where the log grows until it is stored; in a private directory.
    ///   - limits: How long is waited.
    package init(
        client: S3Client, place: ObjectLocation, attributes: ObjectAttributes, file: FilePath,
        limits: DeliveryLimits = DeliveryLimits()
    ) {
        self.client = client
        self.place = place
        self.attributes = attributes
        self.file = file
        self.limits = limits
    }

    deinit {
        try? state.withLock { $0.output.take() }?.close()
    }

    /// Makes the file.
    /// - Throws: ``RunnerFailure`` when it cannot be written.
    package func open() async throws(RunnerFailure) {
        do {
            let output = try FileDescriptor.open(
                file, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
            state.withLock { $0.output = output }
        } catch {
            throw RunnerFailure("write the log for S3", (error as? Errno) ?? .ioError, at: file)
        }
    }

    package func write(_ bytes: [UInt8]) {
        state.withLock { state in
            guard state.output != nil else { return }
            state.pending += bytes
            while state.pending.count >= Self.pieceLength {
                let piece = Array(state.pending.prefix(Self.pieceLength))
                state.pending.removeFirst(piece.count)
                state.put(state.gzip.encode(piece))
            }
        }
    }

    /// Stores the object.
    package func finish() async -> [String] {
        let limit = Task.isCancelled ? limits.whenStopped : limits.total
        let (isOpen, failure) = state.withLock { state -> (Bool, Errno?) in
            guard let output = state.output.take() else { return (false, nil) }
            state.output = output
            if !state.pending.isEmpty { state.put(state.gzip.encode(state.pending)) }
            state.put(state.gzip.finish())
            state.output = nil
            try? output.close()
            return (true, state.failure)
        }
        guard isOpen else { return [] }
        if let failure { return [warning("\(failure)")] }
        let (client, place, attributes, file) = (client, place, attributes, file)
        let error = await withinLimit(limit) { () -> AWSError? in
            do throws(AWSError) {
                _ = try await client.upload(
                    try FileSlice(wholeFile: file), to: place, attributes: attributes)
                return nil
            } catch {
                return error
            }
        }
        switch error {
        case .none: return [warning("it took too long")]
        case .some(.none): return []
        case .some(.some(let error)): return [warning(error.description)]
        }
    }

    private func warning(_ reason: String) -> String {
        "the log is not stored as \(place): \(reason); build.log has it"
    }
}

extension S3LogDelivery.State {
    fileprivate mutating func put(_ bytes: [UInt8]) {
        guard let output, failure == nil else { return }
        do {
            _ = try output.writeAll(bytes)
        } catch {
            failure = (error as? Errno) ?? .ioError
        }
    }
}
