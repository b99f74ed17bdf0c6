module plimsoll.internal/tools

go 1.26.0
