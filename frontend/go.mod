module plimsoll.internal/frontend

go 1.26.0

ignore ./node_modules
