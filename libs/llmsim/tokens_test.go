package llmsim

import (
	"strings"
	"testing"
)

func TestCountText(t *testing.T) {
	for _, tc := range []struct {
		text string
		want int
	}{
		{"", 0},
		{"  \n", 0},
		{"hello", 1},
		{"sixsix", 1},
		{"seven77", 2},
		{"hello, world", 3},
		{"你好", 2},
		{"a 你 b", 3},
		{"snake_case_is_long", 3},
		{"👍", 1},
		{strings.Repeat("load ", 1000), 1000},
	} {
		if got := countText(tc.text, defaultPiece); got != tc.want {
			t.Errorf("countText(%q) = %d, want %d", tc.text, got, tc.want)
		}
	}
}

func TestAnswerWordsAreOneTokenEach(t *testing.T) {
	for i := range len(words) {
		if n := countText(answerWord(0, i), defaultPiece); n != 1 {
			t.Errorf("%q counts %d tokens", answerWord(0, i), n)
		}
	}
}

func TestJournalKeepsTheNewest(t *testing.T) {
	s := New(Profile{Keep: 3})
	for range 5 {
		i := s.log.begin()
		s.log.end(Record{Index: i})
	}
	got := s.Records()
	if len(got) != 3 || got[0].Index != 2 || got[2].Index != 4 {
		t.Errorf("kept %+v, want 2, 3, 4", got)
	}
	if s.Totals().Requests != 5 {
		t.Errorf("totals %+v, want 5 requests", s.Totals())
	}
}
