package import Envelope

/// The Envelope room's data key, by a name that the AWS client's own does not hide.
package typealias EnvelopeDataKey = GeneratedDataKey
