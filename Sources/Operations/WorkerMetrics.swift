package import AWSClient
package import PipelineWorker
import Synchronization

/// The figures of one worker, for Prometheus and whoever else reads its text format.
package final class WorkerMetrics: WorkerObserver {
    private let counts = Mutex(WorkerCounts())
    private let version: String
    private let concurrency: Int
    private let clock: WallClock

    /// Figures that are all zero.
    ///
    /// - Parameters:
    ///   - version: the program's version.
    ///   - concurrency: how many builds the worker runs at a time.
    ///   - clock: tells when events happen.
    package init(version: String, concurrency: Int, clock: WallClock = .system) {
        self.version = version
        self.concurrency = concurrency
        self.clock = clock
    }

    /// Counts an event.
    package func note(_ event: WorkerEvent) {
        let time = clock.now()
        counts.withLock { $0.note(event, at: time) }
    }

    /// Whether the worker takes jobs.
    package var readiness: Readiness { counts.withLock { $0.readiness } }

    /// All figures in Prometheus's text format 0.0.4.
    package func text() -> String {
        let counts = counts.withLock { $0 }
        var metrics = MetricsText()
        metrics.add(
            "buildspec_worker_build_info", .gauge, "Always 1; the label is the program's version.",
            [MetricsText.Sample(labels: ["version": version], value: 1)])
        metrics.add(
            "buildspec_worker_concurrency_limit", .gauge, "Builds that run at a time at most.",
            Double(concurrency))
        counts.write(to: &metrics)
        ProcessFigures.read().write(to: &metrics)
        return metrics.text
    }
}
