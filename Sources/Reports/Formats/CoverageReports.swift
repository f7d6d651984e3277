/// JACOCOXML: `sourcefile` in `package`, with a `counter` each for lines and branches.
struct JaCoCoReport: XMLReport {
    let roots = ["report"]
    private(set) var files: [FileCoverage] = []
    private var package = ""
    private var current: FileCoverage?

    mutating func start(_ name: String, _ attributes: [String: String]) throws(ReportFailure) {
        switch name {
        case "package": package = attributes["name"] ?? ""
        case "sourcefile":
            let file = attributes["name"] ?? ""
            current = FileCoverage(filePath: package.isEmpty ? file : "\(package)/\(file)")
        case "counter":
            let (covered, missed) = (
                Numbers.count(attributes["covered"]), Numbers.count(attributes["missed"])
            )
            if attributes["type"] == "LINE" {
                current?.linesCovered = covered
                current?.linesMissed = missed
            } else if attributes["type"] == "BRANCH" {
                current?.branchesCovered = covered
                current?.branchesMissed = missed
            }
        default: break
        }
    }

    mutating func end(_ name: String) {
        guard name == "sourcefile" else { return }
        if let current { files.append(current) }
        current = nil
    }
}

/// COBERTURAXML: `line` in `class`; those of the methods say the same again.
struct CoberturaReport: XMLReport {
    let roots = ["coverage"]
    private(set) var files: [FileCoverage] = []
    private var current: FileCoverage?
    private var methods = 0

    mutating func start(_ name: String, _ attributes: [String: String]) throws(ReportFailure) {
        switch name {
        case "class": current = FileCoverage(filePath: attributes["filename"] ?? "")
        case "methods": methods += 1
        case "line" where methods == 0:
            let isCovered = Numbers.count(attributes["hits"]) > 0
            current?.linesCovered += isCovered ? 1 : 0
            current?.linesMissed += isCovered ? 0 : 1
            let (covered, total) = Self.branches(attributes["condition-coverage"])
            var branches = FileCoverage(filePath: "")
            branches.branchesCovered = covered
            branches.branchesMissed = total - covered
            current = current.map { $0 + branches }
        default: break
        }
    }

    mutating func end(_ name: String) {
        if name == "methods" { methods = max(0, methods - 1) }
        guard name == "class" else { return }
        if let current { files.append(current) }
        current = nil
    }

    /// `50% (1/2)`.
    private static func branches(_ text: String?) -> (covered: Int, total: Int) {
        guard let text, let open = text.firstIndex(of: "("), let close = text.firstIndex(of: ")"),
            open < close
        else { return (0, 0) }
        let numbers = text[text.index(after: open)..<close].split(separator: "/").map {
            Numbers.count(String($0))
        }
        guard numbers.count == 2, numbers[0] <= numbers[1] else { return (0, 0) }
        return (numbers[0], numbers[1])
    }
}

/// CLOVERXML: the `metrics` of a `file`, not those of its classes.
struct CloverReport: XMLReport {
    let roots = ["coverage"]
    private(set) var files: [FileCoverage] = []
    private var current: FileCoverage?
    private var classes = 0

    mutating func start(_ name: String, _ attributes: [String: String]) throws(ReportFailure) {
        switch name {
        case "file": current = FileCoverage(filePath: attributes["path"] ?? attributes["name"] ?? "")
        case "class": classes += 1
        case "metrics" where classes == 0 && current != nil:
            let covered = Numbers.count(attributes["coveredstatements"])
            current?.linesCovered = covered
            current?.linesMissed = max(0, Numbers.count(attributes["statements"]) - covered)
            let branches = Numbers.count(attributes["coveredconditionals"])
            current?.branchesCovered = branches
            current?.branchesMissed = max(0, Numbers.count(attributes["conditionals"]) - branches)
        default: break
        }
    }

    mutating func end(_ name: String) {
        if name == "class" { classes = max(0, classes - 1) }
        guard name == "file" else { return }
        if let current { files.append(current) }
        current = nil
    }
}

/// SIMPLECOV: what the simplecov gem leaves in `.resultset.json`.
enum SimpleCovReport {
    static func read(_ bytes: [UInt8]) throws(ReportFailure) -> [FileCoverage] {
        let document = try JSON(bytes)
        let runs = document.members.compactMap { $0.value["coverage"] }
        guard !runs.isEmpty else { throw ReportFailure("expected the coverage of a command") }
        return runs.flatMap { run in
            run.members.map { entry in coverage(of: entry.key, entry.value) }
        }.merged
    }

    private static func coverage(of path: String, _ value: JSON) -> FileCoverage {
        var file = FileCoverage(filePath: path)
        for line in (value["lines"] ?? value).elements {
            guard let hits = line.number else { continue }
            if hits > 0 { file.linesCovered += 1 } else { file.linesMissed += 1 }
        }
        for condition in value["branches"]?.members ?? [] {
            for branch in condition.value.members {
                guard let hits = branch.value.number else { continue }
                if hits > 0 { file.branchesCovered += 1 } else { file.branchesMissed += 1 }
            }
        }
        return file
    }
}
