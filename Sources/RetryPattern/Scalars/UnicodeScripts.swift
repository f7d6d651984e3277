/// The names of the scripts that Go accepts in `\p{...}`.
///
/// Their characters are not known here; the names tell a script from a misspelt category.
enum UnicodeScripts {
    /// The names in small letters without separators.
    static let names = Set(
        """
        adlam ahom anatolianhieroglyphs arabic armenian avestan balinese bamum bassavah batak bengali \
        bhaiksuki bopomofo brahmi braille buginese buhid canadianaboriginal carian caucasianalbanian \
        chakma cham cherokee chorasmian common coptic cuneiform cypriot cyprominoan cyrillic deseret \
        devanagari divesakuru dogra duployan egyptianhieroglyphs elbasan elymaic ethiopic georgian \
        glagolitic gothic grantha greek gujarati gunjalagondi gurmukhi han hangul hanifirohingya hanunoo \
        hatran hebrew hiragana imperialaramaic inherited inscriptionalpahlavi inscriptionalparthian \
        javanese kaithi kannada katakana kawi kayahli kharoshthi khitansmallscript khmer khojki khudawadi \
        lao latin lepcha limbu lineara linearb lisu lycian lydian mahajani makasar malayalam mandaic \
        manichaean marchen masaramgondi medefaidrin meeteimayek mendekikakui meroiticcursive \
        meroitichieroglyphs miao modi mongolian mro multani myanmar nabataean nagmundari nandinagari \
        newtailue newa nko nushu nyiakengpuachuehmong ogham olchiki oldhungarian olditalic oldnortharabian \
        oldpermic oldpersian oldsogdian oldsoutharabian oldturkic olduyghur oriya osage osmanya \
        pahawhhmong palmyrene paucinhau phagspa phoenician psalterpahlavi rejang runic samaritan \
        saurashtra sharada shavian siddham signwriting sinhala sogdian sorasompeng soyombo sundanese \
        sylotinagri syriac tagalog tagbanwa taile taitham taiviet takri tamil tangsa tangut telugu thaana \
        thai tibetan tifinagh tirhuta toto ugaritic vai vithkuqi wancho warangciti yezidi yi \
        zanabazarsquare garay gurungkhema kiratrai olonal sunuwar todhri tulutigalari sidetic tolongsiki \
        beriaerfe taiyo
        """
        .split(whereSeparator: { $0 == " " || $0 == "\n" }).map { String($0) })
}
