module plimsoll.internal/services/reporter

go 1.26.0

require plimsoll.internal/libs v0.0.0

replace plimsoll.internal/libs => ../../libs
