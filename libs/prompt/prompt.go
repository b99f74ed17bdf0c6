// Package prompt makes the prompts of a test and the request bodies around them: the same seed and index
// give the same bytes on every machine, so any share of a test can be made anywhere. It knows nothing
// about how they are sent.
package prompt

import (
	"math"
	"math/bits"
	"math/rand/v2"

	"plimsoll.internal/libs/events"
)

// Calibration is how many tokens a server counts for a prompt: tokens = Overhead + TokensPerWord × words.
type Calibration struct {
	TokensPerWord float64 // tokens, above 0
	Overhead      float64 // tokens the chat template adds
}

// CalibrationOf takes the calibration out of what the prober measured.
func CalibrationOf(p events.Prompt) Calibration {
	return Calibration{TokensPerWord: p.TokensPerWord, Overhead: p.Overhead}
}

// Words is the number of words that comes closest to so many tokens; at least 1.
func Words(cal Calibration, tokens int) int {
	perWord := cal.TokensPerWord
	if perWord <= 0 {
		perWord = 1
	}
	return max(1, int(math.Round((float64(tokens)-cal.Overhead)/perWord)))
}

// Text is the prompt of one request: so many words, drawn from the seed and the index. The first
// round(sharedPrefix × words) words are the same for every index; the words after them spell the index, so
// no prompt begins like another and no prompt cache of the server can serve it. With fewer than three words
// left for that, prompts can repeat.
func Text(seed int64, index, words int, sharedPrefix float64) string {
	return string(appendText(make([]byte, 0, words*wordStride), seed, index, words, sharedPrefix))
}

func appendText(b []byte, seed int64, index, words int, sharedPrefix float64) []byte {
	shared := min(max(int(math.Round(sharedPrefix*float64(words))), 0), words)
	own := stream(seed, streamOwn, uint64(index))
	common := stream(seed, streamShared, 0)
	mark := scramble(seed, index)
	for i := range words {
		if i > 0 {
			b = append(b, ' ')
		}
		switch at := i - shared; {
		case at < 0:
			b = append(b, word(common.Uint64())...)
		case at < uniqueLen:
			b = append(b, word(mark>>(at*wordBits))...)
		default:
			b = append(b, word(own.Uint64())...)
		}
	}
	return b
}

// The streams of random numbers of one seed; they never mix.
const (
	streamOwn uint64 = iota + 1
	streamShared
	streamLengths
)

// stream is a generator for one purpose and index. Seeds are mixed first: neighbouring indices must not
// start alike.
func stream(seed int64, purpose, index uint64) *rand.PCG {
	return rand.NewPCG(mix(uint64(seed)+purpose), mix(index^mix(purpose)))
}

// mix is the finaliser of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// scramble maps indices below 2^27 one to one onto 27 bits, so neighbours differ in their first word.
func scramble(seed int64, index int) uint64 {
	const odd = 0x2545f4914f6cdd1d
	return (uint64(index)*odd + mix(uint64(seed))) & (1<<uniqueBits - 1)
}

// draw picks a whole number from the closed range, each equally likely.
func draw(r *rand.PCG, low, high int) int {
	if high <= low {
		return low
	}
	pick, _ := bits.Mul64(r.Uint64(), uint64(high-low+1))
	return low + int(pick)
}
