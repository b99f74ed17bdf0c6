package problem

import (
	"net/http"
	"slices"

	"plimsoll.internal/libs/failure"
)

// Code is what programs switch on. It never changes its meaning.
type Code string

// The codes.
const (
	InvalidParameter   Code = "invalid_parameter"
	InvalidCursor      Code = "invalid_cursor"
	MalformedBody      Code = "malformed_body"
	Unauthenticated    Code = "unauthenticated"
	TokenInvalid       Code = "token_invalid"
	InvalidCredentials Code = "invalid_credentials"
	RefreshInvalid     Code = "refresh_invalid"
	Forbidden          Code = "forbidden"
	OriginRefused      Code = "origin_refused"
	BootstrapInvalid   Code = "bootstrap_token_invalid"
	RegistrationClosed Code = "registration_closed"
	RouteNotFound      Code = "route_not_found"
	TestNotFound       Code = "test_not_found"
	ArtifactMissing    Code = "artifact_missing"
	MethodNotAllowed   Code = "method_not_allowed"
	KeyReused          Code = "idempotency_key_reused"
	IDTaken            Code = "id_taken"
	AlreadyFinal       Code = "already_final"
	NotFinal           Code = "test_not_final"
	NothingToArchive   Code = "nothing_to_archive"
	NothingToRestore   Code = "nothing_to_restore"
	InTrash            Code = "test_in_trash"
	Busy               Code = "busy"
	NameTaken          Code = "name_taken"
	ETagMismatch       Code = "etag_mismatch"
	BodyTooLarge       Code = "body_too_large"
	UnsupportedMedia   Code = "unsupported_media_type"
	InvalidSpec        Code = "invalid_spec"
	InvalidBody        Code = "invalid_body"
	WeakPassword       Code = "weak_password"
	Throttled          Code = "throttled"
	Internal           Code = "internal"
	ObjectDamaged      Code = "object_damaged"
	ArchiverFailed     Code = "archiver_failed"
	ArchiverSilent     Code = "archiver_silent"
	AuthUnavailable    Code = "auth_unavailable"
	BrokerUnavailable  Code = "broker_unavailable"
	ProjectionStopped  Code = "projection_stopped"
	StorageFull        Code = "storage_full"
	NotReady           Code = "not_ready"
)

// typeRoot is the path below which every type is explained.
const typeRoot = "/problems/"

type entry struct {
	status        int
	retryable     bool
	title, detail failure.Text
}

func (c Code) entry() entry {
	if e, ok := catalogue[c]; ok {
		return e
	}
	return catalogue[Internal]
}

// Known reports whether the code is in the catalogue.
func (c Code) Known() bool {
	_, ok := catalogue[c]
	return ok
}

// Codes lists every code in alphabetical order.
func Codes() []Code {
	out := make([]Code, 0, len(catalogue))
	for c := range catalogue {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}

func say(status int, titleEN, titleZH, detailEN, detailZH string) entry {
	return entry{
		status: status, retryable: status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable,
		title: failure.Text{EN: titleEN, ZH: titleZH}, detail: failure.Text{EN: detailEN, ZH: detailZH},
	}
}

// catalogue never changes.
var catalogue = map[Code]entry{
	InvalidParameter: say(http.StatusBadRequest, "Invalid parameter", "参数无效",
		"A parameter of the request breaks a rule; see errors.", "请求的某个参数不符合规则，详见 errors。"),
	InvalidCursor: say(http.StatusBadRequest, "Invalid cursor", "游标无效",
		"The cursor is damaged or belongs to other filters. Start again without a cursor.",
		"游标已损坏，或属于另一组筛选条件。请去掉游标重新查询。"),
	MalformedBody: say(http.StatusBadRequest, "Unreadable body", "请求体无法读取",
		"The body is not well-formed. Send valid JSON in UTF-8.", "请求体格式错误。请发送 UTF-8 编码的有效 JSON。"),
	Unauthenticated: say(http.StatusUnauthorized, "Sign in first", "请先登录",
		"The request has no access token. Send Authorization: Bearer with the token from signing in.",
		"请求没有访问令牌。请在 Authorization: Bearer 中携带登录得到的令牌。"),
	TokenInvalid: say(http.StatusUnauthorized, "Access token not valid", "访问令牌无效",
		"The access token has run out or is not ours. Refresh it or sign in again.",
		"访问令牌已过期或不是本系统签发的。请刷新令牌或重新登录。"),
	InvalidCredentials: say(http.StatusUnauthorized, "Wrong name or password", "用户名或密码错误",
		"No account has this name and password.", "没有与该用户名和密码匹配的账号。"),
	RefreshInvalid: say(http.StatusUnauthorized, "Session has ended", "会话已结束",
		"The refresh token is spent, revoked or has run out. Sign in again.", "刷新令牌已使用、已吊销或已过期。请重新登录。"),
	Forbidden: say(http.StatusForbidden, "Not allowed", "没有权限",
		"Your role does not allow this. Ask an administrator.", "您的角色不允许此操作。请联系管理员。"),
	OriginRefused: say(http.StatusForbidden, "Address not trusted", "访问地址不受信任",
		"The page was opened under an address this server does not know. Open it by IP address or localhost, or set PLIMSOLL_PUBLIC_URL to this address.",
		"页面通过本服务器不认识的地址打开。请使用 IP 地址或 localhost 访问，或将 PLIMSOLL_PUBLIC_URL 设置为该地址。"),
	BootstrapInvalid: say(http.StatusForbidden, "Bootstrap token not valid", "引导令牌无效",
		"The first account needs the token printed at the first start and kept in the file bootstrap-token.",
		"创建第一个账号需要首次启动时打印并保存在 bootstrap-token 文件中的令牌。"),
	RegistrationClosed: say(http.StatusForbidden, "Registration is closed", "注册已关闭",
		"Accounts are made by an administrator.", "账号由管理员创建。"),
	RouteNotFound: say(http.StatusNotFound, "No such address", "地址不存在",
		"There is nothing at this address. See the API description.", "该地址没有任何内容。请查阅 API 说明。"),
	TestNotFound: say(http.StatusNotFound, "No such test", "测试不存在",
		"There is no test with this id, or it was deleted for good.", "没有该编号的测试，或它已被永久删除。"),
	ArtifactMissing: say(http.StatusNotFound, "No such file", "文件不存在",
		"The test has no file of this name. Files appear when the report is written.", "该测试没有此名称的文件。报告写完后文件才会出现。"),
	MethodNotAllowed: say(http.StatusMethodNotAllowed, "Method not allowed", "方法不允许",
		"This address does not take the method; see the Allow header.", "该地址不接受此方法，请查看 Allow 响应头。"),
	KeyReused: say(http.StatusConflict, "Idempotency key used before", "幂等键已被使用",
		"The key was sent before with another body. Use a new key for a new test.", "该幂等键曾与不同的请求体一起发送。新的测试请使用新的键。"),
	IDTaken: say(http.StatusConflict, "Id is taken", "编号已被占用",
		"Another test has the id drawn for this one. Nothing was stored; send the request again.",
		"为此测试生成的编号已属于另一个测试。未保存任何内容，请重新发送请求。"),
	AlreadyFinal: say(http.StatusConflict, "Test has ended", "测试已结束",
		"The test has ended already; there is nothing to cancel.", "测试已经结束，无可取消。"),
	NotFinal: say(http.StatusConflict, "Test still runs", "测试仍在进行",
		"The test has not ended. Cancel it or wait, then try again.", "测试尚未结束。请先取消或等待结束后再试。"),
	NothingToArchive: say(http.StatusConflict, "Nothing to archive", "没有可归档的内容",
		"The test has no report, so there is nothing to archive.", "该测试没有报告，没有可归档的内容。"),
	NothingToRestore: say(http.StatusConflict, "Nothing to restore", "没有可恢复的内容",
		"The test is neither in the trash nor in the archive.", "该测试既不在回收站也不在归档中。"),
	InTrash: say(http.StatusConflict, "Test is in the trash", "测试在回收站中",
		"The test is in the trash. Restore it first.", "该测试在回收站中。请先恢复。"),
	Busy: say(http.StatusConflict, "Something else is under way", "另一操作正在进行",
		"The test is being archived, restored or deleted, or changes too fast. Try again shortly.",
		"该测试正在归档、恢复或删除，或状态变化过快。请稍后重试。"),
	NameTaken: say(http.StatusConflict, "Name is taken", "用户名已被占用",
		"There is an account of this name. Choose another.", "该用户名已存在，请换一个。"),
	ETagMismatch: say(http.StatusPreconditionFailed, "Test has changed", "测试已变更",
		"The test is not the one of If-Match any more. Read it again before you decide.", "测试已不是 If-Match 所指的版本。请重新读取后再决定。"),
	BodyTooLarge: say(http.StatusRequestEntityTooLarge, "Body too large", "请求体过大",
		"The body is larger than 2 MiB.", "请求体大于 2 MiB。"),
	UnsupportedMedia: say(http.StatusUnsupportedMediaType, "Unsupported media type", "不支持的媒体类型",
		"Send Content-Type: application/json. A test may also be application/yaml.",
		"请使用 Content-Type: application/json；测试文档也可用 application/yaml。"),
	InvalidSpec: say(http.StatusUnprocessableEntity, "The test cannot be run as asked", "测试文档有误",
		"The document breaks one or more rules; see errors.", "文档不符合一条或多条规则，详见 errors。"),
	InvalidBody: say(http.StatusUnprocessableEntity, "Invalid body", "请求体有误",
		"The body breaks one or more rules; see errors.", "请求体不符合一条或多条规则，详见 errors。"),
	WeakPassword: say(http.StatusUnprocessableEntity, "Password too weak", "密码过弱",
		"The password is too easy to guess. Use a longer one that is not your name.", "密码太容易被猜到。请使用更长且不含用户名的密码。"),
	Throttled: say(http.StatusTooManyRequests, "Too many attempts", "尝试次数过多",
		"Too many attempts. Wait as long as Retry-After says.", "尝试次数过多。请按 Retry-After 等待后再试。"),
	Internal: say(http.StatusInternalServerError, "Something went wrong here", "服务器内部错误",
		"The server could not do this. Tell an administrator the request id.", "服务器无法完成请求。请将 request_id 告知管理员。"),
	ObjectDamaged: say(http.StatusBadGateway, "File is damaged", "文件已损坏",
		"The stored file does not match its digest and is not handed out.", "存储的文件与摘要不符，因此不予下载。"),
	ArchiverFailed: say(http.StatusBadGateway, "Archiver could not do it", "归档服务未能完成",
		"The archiver tried and failed; the test shows why. Try again later.", "归档服务尝试后失败，原因见测试详情。请稍后重试。"),
	ArchiverSilent: say(http.StatusServiceUnavailable, "Archiver does not answer", "归档服务未响应",
		"The wish is stored and will be met when the archiver is back.", "请求已保存，归档服务恢复后会执行。"),
	AuthUnavailable: say(http.StatusServiceUnavailable, "Sign-in not available", "登录服务不可用",
		"The service for accounts does not answer. Try again shortly.", "账号服务没有响应。请稍后重试。"),
	BrokerUnavailable: say(http.StatusServiceUnavailable, "Message broker not available", "消息服务不可用",
		"The message broker does not answer. Try again shortly; with an Idempotency-Key nothing runs twice.",
		"消息服务没有响应。请稍后重试；携带 Idempotency-Key 不会重复运行。"),
	ProjectionStopped: say(http.StatusServiceUnavailable, "History not available", "历史记录不可用",
		"The database of tests does not follow the events; /readyz says why.", "测试数据库未能跟上事件，原因见 /readyz。"),
	NotReady: say(http.StatusServiceUnavailable, "Not ready", "尚未就绪",
		"Something this process needs does not work; see errors.", "本进程依赖的部分尚未正常工作，详见 errors。"),
	StorageFull: say(http.StatusInsufficientStorage, "Storage is full", "存储空间已满",
		"There is no room for another test. Delete tests or add space.", "没有空间容纳新的测试。请删除测试或扩充空间。"),
}
