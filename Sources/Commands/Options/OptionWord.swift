import ArgumentParser

/// The words that an option takes, such as `host` and `none`.
///
/// The parser's own lists of them are made with key paths and generic types, which the runtime looks up at each start of the
/// program, for 0.1 ms an option.
protocol OptionWord: ExpressibleByArgument, CaseIterable, RawRepresentable
where RawValue == String, AllCases == [Self] {}

extension OptionWord {
    /// Takes the word as it is written.
    init?(argument: String) { self.init(rawValue: argument) }

    /// All words, in the order of the cases.
    static var allValueStrings: [String] { allCases.map { $0.rawValue } }

    /// None: words speak for themselves.
    static var allValueDescriptions: [String: String] { [:] }

    /// What shells complete.
    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }

    /// The word.
    var defaultValueDescription: String { rawValue }
}
