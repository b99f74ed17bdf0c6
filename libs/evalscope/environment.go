package evalscope

import (
	"os"
	"strings"
)

// inherited are the variables a child gets from us. Everything else stays out: proxies would redirect the
// load, RANK and WORLD_SIZE mute its log, TQDM_DISABLE crashes it, and ours may hold secrets.
var inherited = []string{
	"PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH",
	"SSL_CERT_FILE", "SSL_CERT_DIR", "MODELSCOPE_CACHE", "EVALSCOPE_CACHE",
}

// environment is the child's: what it needs of ours, and every side channel of evalscope off.
func environment() []string {
	env := []string{
		"NO_COLOR=1",
		"PYTHONUNBUFFERED=1",
		"PYTHONDONTWRITEBYTECODE=1",
		"NO_PROXY=*",
		"NETRC=" + os.DevNull, // its client would send a password found there
		"WANDB_MODE=disabled",
		"SWANLAB_MODE=disabled",
		"HF_HUB_OFFLINE=1",
		"EVALSCOPE_HEARTBEAT_INTERVAL=3600",
	}
	for _, name := range inherited {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	for _, pair := range os.Environ() {
		if strings.HasPrefix(pair, "LC_") {
			env = append(env, pair)
		}
	}
	return env
}
