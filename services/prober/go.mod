module plimsoll.internal/services/prober

go 1.26.0

require plimsoll.internal/libs v0.0.0

replace plimsoll.internal/libs => ../../libs
