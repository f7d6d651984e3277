/// Joins CRC-32 values of neighbouring pieces, so that pieces can be read by different threads.
///
/// A CRC is a polynomial over GF(2) modulo the generator, lowest power in the highest bit. Appending `n` zero
/// bytes multiplies it by x to the power of 8n; joining adds the second piece's CRC to that.
enum CRCJoin {
    private static let generator: UInt32 = 0xEDB8_8320
    private static let one: UInt32 = 0x8000_0000

    /// The CRC of two pieces, the second of which has so many bytes.
    static func join(_ first: UInt32, _ second: UInt32, lengthOfSecond: Int) -> UInt32 {
        multiply(first, power(bytes: lengthOfSecond)) ^ second
    }

    /// x to the power of eight times a number of bytes, by repeated squaring.
    private static func power(bytes: Int) -> UInt32 {
        var result = one
        var square: UInt32 = one >> 8
        var rest = bytes
        while rest > 0 {
            if rest & 1 == 1 { result = multiply(result, square) }
            square = multiply(square, square)
            rest >>= 1
        }
        return result
    }

    private static func multiply(_ left: UInt32, _ right: UInt32) -> UInt32 {
        var product: UInt32 = 0
        var shifted = right
        var bits = left
        while bits != 0 {
            if bits & one != 0 { product ^= shifted }
            bits <<= 1
            shifted = shifted & 1 == 1 ? shifted >> 1 ^ generator : shifted >> 1
        }
        return product
    }
}
