/// Every kind of problem that can be reported about a text, with its stable code: the one table of codes.
///
/// `BS1xx` syntax, `BS2xx` structure, `BS3xx` meaning, `BS4xx` shell, `BS5xx` hints. A code is never reused for another
/// meaning. The severity belongs to the code, so that one code never means two things to a script.
public enum DiagnosticCode: String, Sendable, Hashable, CaseIterable {
    // Syntax: the text is no YAML, or more of it than we are willing to read.
    case notUTF8 = "BS101"
    case controlCharacter = "BS102"
    case textTooLarge = "BS103"
    case nestingTooDeep = "BS104"
    case tooManyAliases = "BS105"
    case tooManyNodes = "BS106"
    case tooManyDirectives = "BS107"
    case invalidYAML = "BS110"
    case unknownAnchor = "BS111"
    case recursiveAnchor = "BS112"
    case invalidMerge = "BS113"
    case furtherDocument = "BS120"
    case duplicateKey = "BS121"
    case unrenderedTemplate = "BS130"

    // Structure: keys and the kinds of their values.
    case invalidVersion = "BS201"
    case missingPhases = "BS202"
    case invalidPhaseName = "BS203"
    case commandNotText = "BS204"
    case wrongKind = "BS205"
    case invalidMapKey = "BS206"
    case unknownKey = "BS207"
    case misplacedKey = "BS208"
    case nullListItem = "BS209"
    case missingKey = "BS210"
    case emptySection = "BS211"
    case obsoleteKey = "BS212"
    case exclusiveKeys = "BS213"
    case textForList = "BS214"
    case ignoredTag = "BS215"

    // Meaning: what a well-formed value says.
    case invalidOnFailure = "BS301"
    case invalidBoolean = "BS302"
    case valueNotAllowed = "BS303"
    case invalidSecretReference = "BS304"
    case nulCharacter = "BS305"
    case numberOutOfRange = "BS306"
    case unknownDependency = "BS307"
    case dependencyCycle = "BS308"
    case duplicateIdentifier = "BS309"
    case reservedName = "BS310"
    case tooManyEntries = "BS311"
    case keyWithoutEffect = "BS312"
    case invalidVariableName = "BS313"
    case quotedBatchVersion = "BS314"
    case emptyReference = "BS315"
    case doubtfulIdentifier = "BS316"
    case invalidRetryPattern = "BS317"
    case unknownRuntime = "BS318"
    case undocumentedValue = "BS319"
    case unusableVariableName = "BS320"
    case variableSetTwice = "BS321"
    case literalDollar = "BS322"
    case variableNeverSet = "BS323"
    case misspeltVariable = "BS324"
    case exportedNeverSet = "BS325"
    case secretInPlainText = "BS326"
    case nameNeedsOverride = "BS327"
    case reportNeverWritten = "BS328"
    case deploysAfterFailure = "BS329"

    // Meaning, found out by a build: what a value matches in the files that the build left.
    case noMatchingArtifactPaths = "BS330"
    case noMatchingBaseDirectory = "BS331"
    case artifactPathWithoutMatch = "BS332"

    // Shell: what the commands say.
    case shellSyntax = "BS401"
    case shellSyntaxOfOneShell = "BS402"
    case splitConstruct = "BS403"
    case bashOnly = "BS404"
    case lostShellOption = "BS405"
    case joinedLines = "BS406"
    case openHereDocument = "BS407"
    case shellcheckWarning = "BS410"
    case shellcheckNote = "BS411"
    case shellNotChecked = "BS420"

    // Hints
    case extensionKey = "BS501"
    case templatePlaceholders = "BS502"
    case pushesAfterFailure = "BS503"
    case furtherProblems = "BS599"
}

extension DiagnosticCode {
    /// How much a problem of this kind matters.
    public var severity: Diagnostic.Severity {
        switch self {
        case .notUTF8, .controlCharacter, .textTooLarge, .nestingTooDeep, .tooManyAliases, .tooManyNodes,
            .tooManyDirectives, .invalidYAML, .unknownAnchor, .recursiveAnchor, .invalidMerge,
            .invalidVersion, .missingPhases, .invalidPhaseName, .commandNotText, .wrongKind, .invalidMapKey,
            .missingKey, .exclusiveKeys,
            .invalidOnFailure, .invalidBoolean, .valueNotAllowed, .invalidSecretReference, .nulCharacter,
            .numberOutOfRange, .unknownDependency, .dependencyCycle, .duplicateIdentifier,
            .invalidVariableName,
            .emptyReference, .noMatchingArtifactPaths, .noMatchingBaseDirectory,
            .unrenderedTemplate, .invalidRetryPattern, .shellSyntax, .splitConstruct:
            .error
        case .furtherDocument, .duplicateKey, .unknownKey, .misplacedKey, .nullListItem, .emptySection,
            .obsoleteKey, .reservedName, .tooManyEntries, .keyWithoutEffect, .quotedBatchVersion,
            .doubtfulIdentifier, .artifactPathWithoutMatch, .textForList, .ignoredTag, .openHereDocument,
            .unknownRuntime, .undocumentedValue,
            .unusableVariableName, .variableSetTwice, .literalDollar, .misspeltVariable,
            .secretInPlainText, .deploysAfterFailure, .shellSyntaxOfOneShell, .bashOnly, .lostShellOption,
            .joinedLines, .shellcheckWarning:
            .warning
        case .extensionKey, .furtherProblems, .variableNeverSet, .exportedNeverSet, .nameNeedsOverride,
            .reportNeverWritten,
            .templatePlaceholders, .pushesAfterFailure, .shellcheckNote, .shellNotChecked:
            .note
        }
    }

    /// One line that says what problems of this kind have in common, for lists of codes.
    public var summary: String {
        switch self {
        case .notUTF8: "the text is not UTF-8"
        case .controlCharacter: "the text holds a control character that YAML forbids"
        case .textTooLarge: "the text is larger than the limit"
        case .nestingTooDeep: "the nesting is deeper than the limit"
        case .tooManyAliases: "more aliases than the limit"
        case .tooManyNodes: "more values or text than the limit, aliases expanded"
        case .tooManyDirectives: "more %TAG directives than the limit"
        case .invalidYAML: "the text is not valid YAML"
        case .unknownAnchor: "an alias names an anchor that is not defined before it"
        case .recursiveAnchor: "an anchor's value contains an alias of itself"
        case .invalidMerge: "the value of a merge key is neither a map nor a list of maps"
        case .furtherDocument: "text after the first document is not read"
        case .duplicateKey: "a key is given twice; the last one counts"
        case .invalidVersion: "the version is missing, or neither 0.1 nor 0.2"
        case .missingPhases: "there are no phases"
        case .invalidPhaseName: "a phase that does not exist"
        case .commandNotText: "a command that YAML reads as a map or a list"
        case .wrongKind: "a value of the wrong kind, such as a list where a map belongs"
        case .invalidMapKey: "a map key that is itself a map or a list"
        case .unknownKey: "a key that CodeBuild does not know and ignores"
        case .misplacedKey: "a key that belongs elsewhere and is ignored here"
        case .nullListItem: "a list item without a value is skipped"
        case .missingKey: "a required key is missing"
        case .emptySection: "a key that does nothing because it has no value"
        case .obsoleteKey: "a key of an older buildspec version that is ignored"
        case .exclusiveKeys: "keys that exclude each other are given together"
        case .noMatchingArtifactPaths: "none of an artifact's paths matches a file of the build"
        case .noMatchingBaseDirectory: "an artifact's base directory matches no directory of the build"
        case .artifactPathWithoutMatch: "an artifact path that matches no file of the build is skipped"
        case .invalidOnFailure: "a value that on-failure does not know"
        case .invalidBoolean: "a value that is neither yes nor no"
        case .valueNotAllowed: "a value outside the allowed ones"
        case .invalidSecretReference: "a reference to a secret that does not follow the grammar"
        case .nulCharacter: "a value holds a NUL character, which no shell can take"
        case .numberOutOfRange: "a value that is no whole number in the allowed range"
        case .unknownDependency: "depend-on names a build that does not exist"
        case .dependencyCycle: "builds depend on each other in a circle"
        case .duplicateIdentifier: "two builds of a batch have the same identifier"
        case .reservedName: "a variable name that is reserved for CodeBuild"
        case .tooManyEntries: "more entries than CodeBuild takes"
        case .keyWithoutEffect: "a key that has no effect here"
        case .invalidVariableName: "a name that no environment variable can have"
        case .quotedBatchVersion: "a quoted version, which batch builds refuse"
        case .emptyReference: "a parameter reference without a name"
        case .doubtfulIdentifier: "a build's identifier with unusual characters"
        case .unrenderedTemplate: "a template that must be filled in before CodeBuild can read it"
        case .ignoredTag: "text whose beginning YAML takes for a tag"
        case .openHereDocument: "a here-document without its last line"
        case .textForList: "a single text where a list belongs"
        case .invalidRetryPattern: "a RETRY pattern that is no regular expression"
        case .unknownRuntime: "a language that no build image knows"
        case .undocumentedValue: "a value that CodeBuild's documentation does not list"
        case .unusableVariableName: "a variable name that the shell cannot read"
        case .variableSetTwice: "a variable that two sections of env set"
        case .literalDollar: "a reference to a variable that is never expanded here"
        case .variableNeverSet: "a variable that commands use and this file does not set"
        case .misspeltVariable: "a variable that is not set, though one with nearly the same name is"
        case .exportedNeverSet: "an exported variable that this file does not set"
        case .secretInPlainText: "a secret in plain text"
        case .nameNeedsOverride: "an artifact name that counts only with the project's overrideArtifactName"
        case .reportNeverWritten: "a report whose files no command seems to write"
        case .deploysAfterFailure: "a deployment in post_build, which runs after a failed build too"
        case .shellSyntax: "a command that the shell cannot parse"
        case .shellSyntaxOfOneShell: "a command that sh of some images cannot parse"
        case .splitConstruct: "a shell construct that is split over list items"
        case .bashOnly: "a construct of bash in a command for sh"
        case .lostShellOption: "a shell option that is lost at the end of its command"
        case .joinedLines: "lines of a command that YAML joins into one"
        case .shellcheckWarning: "an error or a warning of shellcheck"
        case .shellcheckNote: "a remark of shellcheck"
        case .shellNotChecked: "commands that could not be checked by a shell"
        case .templatePlaceholders: "placeholders of a template engine"
        case .pushesAfterFailure: "a push in post_build, which runs after a failed build too"
        case .extensionKey: "a key that only holds anchors for use elsewhere"
        case .furtherProblems: "further problems are not listed"
        }
    }
}

extension Diagnostic {
    /// Makes a diagnostic of a listed kind; its severity follows from the kind.
    public init(
        _ code: DiagnosticCode, _ message: String, at range: SourceRange?, notes: [Note] = [],
        mend: String? = nil, secrets: [SourceRange] = []
    ) {
        self.init(
            code.severity, code: code.rawValue, message, at: range, notes: notes, mend: mend, secrets: secrets
        )
    }
}
