/// How long things have taken, in ranges.
struct DurationHistogram {
    /// The upper ends of the ranges in seconds: from a check of seconds to CodeBuild's longest build.
    static let bounds: [Double] = [
        1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, .infinity,
    ]

    private var counts = [Int](repeating: 0, count: bounds.count)
    private var sum = 0.0

    /// Takes note of one.
    mutating func observe(_ seconds: Double) {
        sum += seconds
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count - 1] += 1
    }

    /// The figures: each range holds those before it.
    func samples(result: String) -> [MetricsText.Sample] {
        var total = 0
        var samples: [MetricsText.Sample] = []
        for (bound, count) in zip(Self.bounds, counts) {
            total += count
            samples.append(
                MetricsText.Sample(
                    suffix: "_bucket", labels: ["result": result, "le": MetricsText.number(bound)],
                    value: Double(total)))
        }
        let labels: KeyValuePairs = ["result": result]
        return samples + [
            MetricsText.Sample(suffix: "_sum", labels: labels, value: sum),
            MetricsText.Sample(suffix: "_count", labels: labels, value: Double(total)),
        ]
    }
}
