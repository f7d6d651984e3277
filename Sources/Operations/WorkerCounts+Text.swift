import AWSClient

extension WorkerCounts {
    /// Writes the figures.
    func write(to metrics: inout MetricsText) {
        writeState(to: &metrics)
        writePolls(to: &metrics)
        writeJobs(to: &metrics)
    }

    private func writeState(to metrics: inout MetricsText) {
        let isReady = readiness == .ready
        metrics.add(
            "buildspec_worker_ready", .gauge, "1 while /readyz answers 200, else 0.", isReady ? 1 : 0)
        metrics.add(
            "buildspec_worker_draining", .gauge, "1 when no more jobs are taken, else 0.", isDraining ? 1 : 0)
        metrics.add(
            "buildspec_worker_builds_in_progress", .gauge, "Builds that are running.",
            Double(buildsInProgress))
        metrics.add(
            "buildspec_worker_answers_pending", .gauge,
            "Builds that have ended, and of which CodePipeline does not know yet.", Double(answersPending))
    }

    private func writePolls(to metrics: inout MetricsText) {
        metrics.add(
            "buildspec_worker_polls_total", .counter,
            "Questions for jobs: the outcome is offered, empty, or why CodePipeline could not be asked.",
            polls.sorted { $0.key < $1.key }.map {
                MetricsText.Sample(labels: ["outcome": $0.key], value: Double($0.value))
            })
        metrics.add(
            "buildspec_worker_last_successful_poll_timestamp_seconds", .gauge,
            "When CodePipeline last answered a question for jobs, in seconds since 1970-01-01 UTC; 0 before.",
            lastPoll?.secondsSince1970 ?? 0)
        metrics.add(
            "buildspec_worker_retries_total", .counter,
            "Calls about a job that failed and are repeated, by why.",
            FailureReason.allCases.map {
                MetricsText.Sample(labels: ["reason": $0.rawValue], value: Double(retries[$0] ?? 0))
            })
        metrics.add(
            "buildspec_worker_journal_failures_total", .counter, "Journal entries that could not be written.",
            Double(journalFailures))
    }

    private func writeJobs(to metrics: inout MetricsText) {
        let counters = [
            ("offered", "Jobs that CodePipeline has offered.", jobsOffered),
            ("claimed", "Jobs that this worker has claimed.", jobsClaimed),
            ("recovered", "Jobs of an earlier run of the worker that were taken up again.", jobsRecovered),
            ("not_ours", "Jobs that turned out to be another worker's, or nobody's any more.", jobsNotOurs),
        ]
        for (name, help, value) in counters {
            metrics.add("buildspec_worker_jobs_\(name)_total", .counter, help, Double(value))
        }
        metrics.add(
            "buildspec_worker_jobs_answered_total", .counter,
            "Answers that CodePipeline has taken; the failure type is CodePipeline's.",
            jobsAnswered.sorted { ($0.key.result, $0.key.failureType) < ($1.key.result, $1.key.failureType) }
                .map {
                    MetricsText.Sample(
                        labels: ["result": $0.key.result, "failure_type": $0.key.failureType],
                        value: Double($0.value))
                })
        metrics.add(
            "buildspec_worker_answers_dropped_total", .counter,
            "Answers that CodePipeline did not want: the job had timed out or was stopped.",
            Double(answersDropped))
        metrics.add(
            "buildspec_worker_build_duration_seconds", .histogram,
            "How long builds took from claim to end, in seconds.",
            durations.sorted { $0.key > $1.key }.flatMap { $0.value.samples(result: $0.key) })
    }
}
