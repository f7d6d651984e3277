/// The classes that `\p{...}` names: general categories, and three of Go's own.
enum UnicodeClass {
    /// What a name means.
    enum Meaning {
        case set(ScalarSet)
        /// A script, which Go would know.
        case script
        case unknown
    }

    /// Looks up a name.
    ///
    /// As in Go since 1.25, letter case, `_`, `-` and spaces do not count.
    static func named(_ name: String) -> Meaning {
        let plain = name.lowercased().filter { !"_- ".contains($0) }
        switch plain {
        case "any": return .set(.any)
        case "ascii": return .set(ScalarSet([0...0x7F]))
        case "assigned": return .set(set(of: ["Cn"]).inverted)
        case "lc", "casedletter": return .set(set(of: ["Lu", "Ll", "Lt"]))
        case "cntrl": return .set(set(of: ["Cc"]))
        case "digit": return .set(set(of: ["Nd"]))
        default: break
        }
        let categories = categoryNames.filter { category in
            category.short.lowercased() == plain || category.short.prefix(1).lowercased() == plain
                || category.long == plain || majorNames[plain] == category.short.first
        }
        if !categories.isEmpty { return .set(set(of: Set(categories.map { $0.short }))) }
        return UnicodeScripts.names.contains(plain) ? .script : .unknown
    }

    private static func set(of categories: Set<String>) -> ScalarSet {
        ScalarSet(runs.filter { categories.contains($0.category) }.map { $0.range })
    }

    private static let majorNames: [String: Character] = [
        "letter": "L", "mark": "M", "combiningmark": "M", "number": "N", "punctuation": "P", "punct": "P",
        "symbol": "S",
        "separator": "Z", "other": "C",
    ]

    /// A run of code points of one category.
    private struct Run {
        var range: ClosedRange<UInt32>
        var category: String
    }

    /// All code points; found once, in some milliseconds, when an expression has a `\p`.
    private static let runs: [Run] = {
        var runs: [Run] = []
        var first: UInt32 = 0
        var current = category(of: 0)
        var value: UInt32 = 1
        while value <= ScalarSet.last {
            if let block = uniformBlocks.first(where: { $0.contains(value) }), current == category(of: value)
            {
                value = block.upperBound + 1
                continue
            }
            let next = category(of: value)
            if next != current {
                runs.append(Run(range: first...(value - 1), category: name(of: current)))
                (first, current) = (value, next)
            }
            value += 1
        }
        runs.append(Run(range: first...ScalarSet.last, category: name(of: current)))
        return runs
    }()

    /// Large blocks of one category each, which need not be looked through.
    ///
    /// Ideographs, Hangul syllables, surrogates, private use, and planes without characters.
    private static let uniformBlocks: [ClosedRange<UInt32>] = [
        0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xD800...0xDFFF, 0xE000...0xF8FF, 0x2_0000...0x2_A6DF,
        0x4_0000...0xD_FFFF, 0xE_1000...0xE_FFFF, 0xF_0000...0xF_FFFD, 0x10_0000...0x10_FFFD,
    ]

    private static func category(of value: UInt32) -> Unicode.GeneralCategory {
        Unicode.Scalar(value)?.properties.generalCategory ?? .surrogate
    }

    private static func name(of category: Unicode.GeneralCategory) -> String {
        categoryNames.first { $0.category == category }?.short ?? "Cn"
    }

    private static let categoryNames: [(category: Unicode.GeneralCategory, short: String, long: String)] = [
        (.uppercaseLetter, "Lu", "uppercaseletter"), (.lowercaseLetter, "Ll", "lowercaseletter"),
        (.titlecaseLetter, "Lt", "titlecaseletter"), (.modifierLetter, "Lm", "modifierletter"),
        (.otherLetter, "Lo", "otherletter"), (.nonspacingMark, "Mn", "nonspacingmark"),
        (.spacingMark, "Mc", "spacingmark"), (.enclosingMark, "Me", "enclosingmark"),
        (.decimalNumber, "Nd", "decimalnumber"), (.letterNumber, "Nl", "letternumber"),
        (.otherNumber, "No", "othernumber"), (.connectorPunctuation, "Pc", "connectorpunctuation"),
        (.dashPunctuation, "Pd", "dashpunctuation"), (.openPunctuation, "Ps", "openpunctuation"),
        (.closePunctuation, "Pe", "closepunctuation"), (.initialPunctuation, "Pi", "initialpunctuation"),
        (.finalPunctuation, "Pf", "finalpunctuation"), (.otherPunctuation, "Po", "otherpunctuation"),
        (.mathSymbol, "Sm", "mathsymbol"), (.currencySymbol, "Sc", "currencysymbol"),
        (.modifierSymbol, "Sk", "modifiersymbol"), (.otherSymbol, "So", "othersymbol"),
        (.spaceSeparator, "Zs", "spaceseparator"), (.lineSeparator, "Zl", "lineseparator"),
        (.paragraphSeparator, "Zp", "paragraphseparator"), (.control, "Cc", "control"),
        (.format, "Cf", "format"), (.surrogate, "Cs", "surrogate"), (.privateUse, "Co", "privateuse"),
        (.unassigned, "Cn", "unassigned"),
    ]
}
