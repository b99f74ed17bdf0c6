package stage

import (
	"errors"
	"io/fs"
	"syscall"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/services/reporter/internal/workbook"
)

// errUnreadable: a raw file is whole, but not a file of requests.
var errUnreadable = errors.New("raw data cannot be read")

// explain names what went wrong and says whether trying again may help.
func explain(err error) (f *failure.Failure, again bool) {
	var named *failure.Failure
	var file *fs.PathError
	switch {
	case errors.As(err, &named):
		return named, failure.Transient(named.Class)
	case errors.Is(err, errBadCopy):
		return storage(err, "The report could not be stored whole; check the disk of the broker, then run the test again.",
			"报告未能完整保存；请检查消息服务所在磁盘，然后重新运行测试。"), true
	case errors.Is(err, bus.ErrObjectDamaged), errors.Is(err, errUnreadable), errors.Is(err, workbook.ErrMismatch):
		return storage(err, "The stored raw data is damaged; check the disk of the broker, then run the test again.",
			"存储的原始数据已损坏；请检查消息服务所在磁盘，然后重新运行测试。"), false
	case errors.Is(err, bus.ErrObjectMissing):
		return storage(err, "The stored raw data is gone; run the test again.",
			"存储的原始数据已丢失；请重新运行测试。"), true
	case errors.Is(err, bus.ErrStorageFull):
		return storage(err, "The broker has no room for the report; free disk space there or raise its limit, then run the test again.",
			"消息服务没有空间保存报告；请释放其磁盘空间或提高上限，然后重新运行测试。"), true
	case failure.OfError(err) == failure.Storage, errors.Is(err, syscall.EFBIG), errors.As(err, &file):
		return storage(err, "The reporter cannot write to the folder named in the message; free disk space there or fix its permissions, then run the test again.",
			"报告服务无法写入消息中给出的目录；请释放磁盘空间或修正权限，然后重新运行测试。"), true
	}
	return failure.New(failure.Unknown, "%v", err), true
}

func storage(err error, en, zh string) *failure.Failure {
	return &failure.Failure{Class: failure.Storage, Message: err.Error(), Advice: failure.Text{EN: en, ZH: zh}}
}
