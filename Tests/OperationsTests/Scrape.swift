import FoundationEssentials
import TestSupport

/// Metrics as Prometheus's own parser reads them, after a look at what it does not mind.
struct Scrape: Sendable {
    private let values: [String: Double]

    /// The value of `name{label="value",...}`, labels in alphabetical order.
    subscript(_ sample: String) -> Double? { values[sample] }

    /// Reads text format 0.0.4.
    ///
    /// - Throws: what is wrong with it.
    init(_ text: String) async throws {
        let output = try await PythonEnvironment().run(Self.parser, input: text)
        values = try JSONDecoder().decode([String: Double].self, from: Data(output.utf8))
    }

    private static let parser = """
        import json, re, sys
        from prometheus_client.parser import text_string_to_metric_families
        text = sys.stdin.read()
        assert text.endswith("\\n") and "\\r" not in text
        names = re.findall(r"^# TYPE (\\S+) (counter|gauge|histogram)$", text, re.M)
        assert len(set(names)) == len(names) == len(text.split("# HELP ")) - 1, "HELP and TYPE, once for each"
        for name, kind in names:
            assert re.fullmatch(r"(buildspec_worker|process)_[a-z_]+", name), name
            assert (kind == "counter") == name.endswith("_total"), name
            # Figures are in base units, which the name ends with.
            assert not re.search(r"milli|minutes|hours|kilo|mega|_ms(_|$)|_percent", name), name
            assert kind != "histogram" or name.endswith("_seconds"), name
            assert re.search(rf"^# HELP {name} [A-Z1].+\\.$", text, re.M), name
        values = {}
        for family in text_string_to_metric_families(text):
            assert family.type in ("counter", "gauge", "histogram"), family
            for sample in family.samples:
                key = sample.name
                labels = ",".join(f'{k}="{v}"' for k, v in sorted(sample.labels.items()))
                key += "{" + labels + "}" if labels else ""
                assert key not in values, key
                values[key] = sample.value
            if family.type != "histogram": continue
            for result in {sample.labels["result"] for sample in family.samples}:
                mine = [s for s in family.samples if s.labels["result"] == result]
                buckets = [s.value for s in mine if s.name.endswith("_bucket")]
                bounds = [float(s.labels["le"]) for s in mine if s.name.endswith("_bucket")]
                count, = [s.value for s in mine if s.name.endswith("_count")]
                assert buckets == sorted(buckets) and bounds == sorted(bounds), mine
                assert bounds[-1] == float("inf") and buckets[-1] == count, mine
        print(json.dumps(values))
        """
}
