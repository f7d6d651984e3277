import Archiving
import SystemPackage

/// What is learned about a package while it is written: sizes, and what its native code is for.
struct LambdaSurvey {
    private let checks: LambdaChecks
    private var largest: [(name: EntryName, size: UInt64)] = []
    private var native: [(name: EntryName, platform: NativeCode)] = []
    var entryCount = 0
    var packedByteCount: Int64 = 0
    var unpackedByteCount: Int64 = 0

    /// What Lambda takes without a detour by S3.
    static let directLimit: Int64 = 50 << 20
    /// What Lambda unpacks, layers included.
    static let unpackedLimit: Int64 = 250 << 20

    init(checks: LambdaChecks) {
        self.checks = checks
    }

    /// Looks at sizes alone, of what is too much to be written.
    init(of selection: Selection, checks: LambdaChecks) {
        self.init(checks: checks)
        selection.forEachSize { file, size in
            rank(file.name, size)
            let (sum, isTooMuch) = unpackedByteCount.addingReportingOverflow(Int64(clamping: size))
            unpackedByteCount = isTooMuch ? .max : sum
        }
    }

    mutating func add(_ entry: ZipEntry) {
        if let platform = NativeCode(head: entry.head) { native.append((entry.name, platform)) }
        rank(entry.name, entry.size)
    }

    private mutating func rank(_ name: EntryName, _ size: UInt64) {
        guard largest.count < 10 || size > (largest.last?.size ?? 0) else { return }
        let place = largest.firstIndex { $0.size < size } ?? largest.count
        largest.insert((name, size), at: place)
        if largest.count > 10 { largest.removeLast() }
    }

    /// Warnings about the package.
    ///
    /// - Throws: `packageTooLarge`, `wrongArchitecture`.
    func verdict(on target: FilePath) throws(PackagingError) -> [String] {
        var warnings: [String] = []
        if unpackedByteCount > Self.unpackedLimit {
            let text =
                "\(unpackedByteCount) bytes unpacked, and Lambda allows \(Self.unpackedLimit); the largest files:"
                + largest.map { "\n    \($0.size) \($0.name)" }.joined()
            guard checks.ignoresLimits else {
                throw PackagingError(.packageTooLarge, target.description, text)
            }
            warnings.append(text)
        }
        if packedByteCount > Self.directLimit {
            warnings.append(
                "\(packedByteCount) bytes, and Lambda takes \(Self.directLimit) directly: upload it to S3; "
                    + "the largest files:" + largest.map { "\n    \($0.size) \($0.name)" }.joined())
        }
        try checkArchitecture(target, &warnings)
        return warnings
    }

    private func checkArchitecture(_ target: FilePath, _ warnings: inout [String]) throws(PackagingError) {
        guard let wanted = checks.architecture else {
            let found = Set(native.compactMap(\.platform.architecture))
            if found.count > 1 {
                warnings.append(
                    "it holds native code for x86_64 and for arm64; --architecture tells which is wanted")
            }
            warnOfForeign(&warnings)
            return
        }
        let suitable = Set(native.filter { $0.platform.architecture == wanted }.map { Self.family($0.name) })
        let wrong = native.filter {
            $0.platform.architecture != wanted && !suitable.contains(Self.family($0.name))
        }
        guard !wrong.isEmpty else { return }
        let list = wrong.prefix(10).map { "\n    \($0.name) is for \($0.platform.description)" }.joined()
        let more = wrong.count > 10 ? "\n    and \(wrong.count - 10) more" : ""
        throw PackagingError(
            .wrongArchitecture, target.description, "it is to run on \(wanted.rawValue), but" + list + more)
    }

    /// Tells of native code that Lambda cannot run on any of its machines, unless there is suitable code beside it.
    private func warnOfForeign(_ warnings: inout [String]) {
        let suitable = Set(native.filter { $0.platform.architecture != nil }.map { Self.family($0.name) })
        let foreign = native.filter {
            $0.platform.architecture == nil && !suitable.contains(Self.family($0.name))
        }
        if let first = foreign.first {
            let others = foreign.count > 1 ? "; and \(foreign.count - 1) more like it" : ""
            warnings.append(
                "\(first.name) is for \(first.platform.description), which Lambda does not run\(others)")
        }
    }

    /// The name without what tells systems apart: packages for several have a file for each.
    private static func family(_ name: EntryName) -> [Substring] {
        let text = LambdaArchitecture.allCases.flatMap(\.words).reduce(name.description) { text, word in
            text.replacing(word, with: "-")
        }
        return text.split { !($0.isLetter || $0.isNumber) }.filter { word in
            // Versions stand in front of `.dylib` and behind `.so`.
            let isVersion = word == "x" || word.utf8.count <= 2 && word.allSatisfy(\.isNumber)
            return !isVersion && !systemWords.contains(word)
        }
    }

    /// What stands in such names for systems, their C libraries and kinds of files, and processors that Lambda has not.
    private static let systemWords: Set<Substring> = [
        "linux", "linuxmusl", "linuxglibc", "gnu", "gnueabihf", "glibc", "musl", "musleabihf", "darwin",
        "macos",
        "osx", "universal2", "android", "freebsd", "win32", "arm", "armv6", "armv7", "armv8", "armhf", "ia32",
        "i386", "i686", "x86", "ppc64", "ppc64le", "s390x", "riscv64", "armel", "mips64", "mips64el",
        "loongarch64",
        "maccatalyst", "ios", "iossimulator", "tvos", "alpine", "debian", "rhel", "openssl", "so", "dylib",
    ]
}

/// What a program or library was made for, as the first bytes of the file tell.
struct NativeCode: Hashable, CustomStringConvertible {
    /// Nil when Lambda has none such.
    let architecture: LambdaArchitecture?
    let description: String

    /// Reads the head of an ELF file (`e_ident`, then `e_type` and `e_machine` at 16 and 18) or of a Mach-O
    /// one; nil for anything else, and for object files.
    init?(head: [UInt8]) {
        // A Mach-O file, or several in one: then their number follows, where a Java class has its version, 45 at least.
        let isUniversal =
            head.count >= 8 && head.starts(with: [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0]) && head[7] < 45
        if head.starts(with: [0xCF, 0xFA, 0xED, 0xFE]) || isUniversal {
            architecture = nil
            description = "macOS"
            return
        }
        guard head.count >= 20, head.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else { return nil }
        let isBigEndian = head[5] == 2
        func number(at offset: Int) -> Int {
            isBigEndian
                ? Int(head[offset]) << 8 | Int(head[offset + 1])
                : Int(head[offset + 1]) << 8 | Int(head[offset])
        }
        // ET_EXEC or ET_DYN.
        guard number(at: 16) == 2 || number(at: 16) == 3 else { return nil }
        let is64Bit = head[4] == 2
        switch (number(at: 18), is64Bit, isBigEndian) {
        case (62, true, false): (architecture, description) = (.x86_64, "x86_64")
        case (183, true, false): (architecture, description) = (.arm64, "arm64")
        case (3, _, _): (architecture, description) = (nil, "i386")
        case (40, _, _): (architecture, description) = (nil, "32-bit ARM")
        case (62, _, _): (architecture, description) = (nil, "x32")
        case (let machine, _, _): (architecture, description) = (nil, "ELF machine \(machine)")
        }
    }
}
