module example.internal/subscriber

go 1.26.0
