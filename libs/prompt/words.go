package prompt

import _ "embed"

// words.txt holds the vocabulary: 512 everyday English words of four letters each. Every one is a single
// token, at the start of a text and after a space, in the three vocabularies it was checked with (p50k,
// cl100k, o200k), so tokens follow words closely on any server; and the same number of letters makes the
// length in characters exact as well.
//
//go:embed words.txt
var words string

const (
	wordCount  = 512
	wordBits   = 9            // 2^9 = wordCount
	wordStride = 5            // four letters and the space or line end after them
	uniqueLen  = 3            // words that spell the index
	uniqueBits = 3 * wordBits // 134 million different starts
)

// word returns the n-th word; n is taken modulo the size of the vocabulary.
func word(n uint64) string {
	at := int(n%wordCount) * wordStride
	return words[at : at+wordStride-1]
}
