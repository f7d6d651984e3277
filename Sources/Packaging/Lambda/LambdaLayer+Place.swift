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
        guard directory(of: selection, runtime) == nil else { return nil }
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
            // A directory of Bundler's, named for the version: 3.4.0.
            let isOfVersions = selection.files.allSatisfy { file in
                let top = file.name.bytes.prefix { $0 != UInt8(ascii: "/") }
                return top.count < file.name.bytes.count
                    && top.allSatisfy {
                        UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: ".")
                    }
            }
            return isOfVersions ? "ruby/gems" : "ruby/lib"
        }
    }
}

extension Selection {
    fileprivate func contains(directory: String) -> Bool {
        let prefix = Array(directory.utf8) + [UInt8(ascii: "/")]
        return files.contains { $0.name.bytes.starts(with: prefix) }
    }
}
