import Archiving

extension LambdaLayer {
    /// A selection with its files where the runtime looks for them.
    ///
    /// A directory that already has that shape is left as it is, whatever lies beside.
    func place(_ selection: Selection, runtime: LambdaRuntime?) -> Selection {
        guard let directory = directory(of: selection, runtime) else { return selection }
        return selection.placed(below: directory)
    }

    /// What lies where no runtime looks, as a warning; nil where all is found, or put where it is.
    func warning(_ selection: Selection, runtime: LambdaRuntime?) -> String? {
        if self == .ruby, let advice = Self.bundlerAdvice(selection) { return advice }
        guard let place = directory(of: selection, runtime) else { return misplaced(selection) }
        let hasJars = selection.files.contains { $0.name.bytes.suffix(4).elementsEqual(".jar".utf8) }
        guard place == "java/lib", !hasJars else { return nil }
        return "it holds no jar, and of a layer Java looks into the jars of java/lib alone"
    }

    /// What Bundler leaves as `ruby/3.4.0` belongs into `ruby/gems/3.4.0`, which packaging the directory `ruby` makes.
    private static func bundlerAdvice(_ selection: Selection) -> String? {
        for parent in ["ruby/", "vendor/bundle/ruby/"] {
            let isThere = selection.files.contains { file in
                let name = file.name.bytes
                return name.starts(with: parent.utf8)
                    && name.dropFirst(parent.utf8.count).first.map { (48...57).contains($0) } == true
            }
            guard isThere else { continue }
            return "Bundler's \(parent)VERSION is where Ruby does not look in a layer; package the directory "
                + "\(parent.dropLast()) itself"
        }
        return nil
    }

    private func misplaced(_ selection: Selection) -> String? {
        let others = selection.files.filter { file in
            !Self.roots.contains { file.name.bytes.starts(with: Array($0.utf8) + [UInt8(ascii: "/")]) }
        }
        guard let first = others.first else { return nil }
        let more = others.count > 1 ? " and \(others.count - 1) more" : ""
        return
            "\(first.name)\(more) beside \(rawValue) will lie in /opt itself, where no runtime looks for code"
    }

    /// What runtimes look into below `/opt`.
    private static let roots = allCases.map(\.rawValue) + ["extensions"]

    /// Where the files belong; nil where they are.
    private func directory(of selection: Selection, _ runtime: LambdaRuntime?) -> String? {
        if selection.contains(directory: rawValue) { return nil }
        switch self {
        case .python, .bin, .lib: return rawValue
        case .java:
            // What build tools leave: lib with jars, beside classes.
            return selection.contains(directory: "lib") ? "java" : "java/lib"
        case .nodejs:
            // A project has its modules in node_modules; otherwise the directory is one of modules.
            return selection.contains(directory: "node_modules") ? "nodejs" : "nodejs/node_modules"
        case .ruby:
            if selection.contains(directory: "gems"), selection.contains(directory: "specifications") {
                return "ruby/gems/\(runtime?.version ?? "3.4").0"
            }
            if Self.isOfVersions(selection, below: "gems/") { return "ruby" }
            // A directory of Bundler's, named for the version: 3.4.0.
            return Self.isOfVersions(selection, below: "") ? "ruby/gems" : "ruby/lib"
        }
    }
}

extension LambdaLayer {
    /// Whether all lies in directories that are named for versions, such as 3.4.0.
    private static func isOfVersions(_ selection: Selection, below parent: String) -> Bool {
        selection.files.allSatisfy { file in
            guard file.name.bytes.starts(with: parent.utf8) else { return false }
            let rest = file.name.bytes.dropFirst(parent.utf8.count)
            let top = rest.prefix { $0 != UInt8(ascii: "/") }
            return top.count < rest.count
                && top.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
        }
    }
}

extension Selection {
    fileprivate func contains(directory: String) -> Bool {
        let prefix = Array(directory.utf8) + [UInt8(ascii: "/")]
        return files.contains { $0.name.bytes.starts(with: prefix) }
    }
}
