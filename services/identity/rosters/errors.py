"""Why a roster file, or a step of its import, is refused.

```
InvalidError
├── FileTooLargeError         identity.roster_file_too_large
├── EmptyFileError            identity.roster_empty_file
├── NotARosterFileError       identity.not_a_roster_file
│   ├── LegacyWorkbookError   identity.roster_legacy_workbook
│   └── MacroWorkbookError    identity.roster_macro_workbook
├── DamagedFileError          identity.roster_damaged_file
├── UndecodableTextError      identity.roster_undecodable_text
├── OversizedContentError     identity.roster_oversized_content
└── TooManyRowsError          identity.roster_too_many_rows
ConflictError
├── RosterHasProblemsError    identity.roster_has_problems
└── RosterOutdatedError       identity.roster_outdated
NotFoundError
└── RosterImportNotFoundError identity.roster_import_not_found
GoneError
└── CardsAlreadyTakenError    identity.cards_already_taken
```
"""

from shared.kernel.errors import ConflictError, GoneError, InvalidError, NotFoundError


class FileTooLargeError(InvalidError):
    code = "identity.roster_file_too_large"
    title = "文件太大"
    detail = "文件有 {size_bytes} 字节，超过 {limit_bytes} 字节的上限；请删去图片和无关的工作表，或分几次导入。"


class EmptyFileError(InvalidError):
    code = "identity.roster_empty_file"
    title = "文件是空的"
    detail = "文件里没有内容，请检查是不是选错了文件。"


class NotARosterFileError(InvalidError):
    code = "identity.not_a_roster_file"
    title = "不是花名册文件"
    detail = "只能导入 .xlsx 或 .csv 文件；请下载模板，按模板填写后再导入。"


class LegacyWorkbookError(NotARosterFileError):
    code = "identity.roster_legacy_workbook"
    title = "旧版或加密的表格"
    detail = "这是旧版 .xls 表格，或设了打开密码；请用表格软件打开，去掉密码，另存为 .xlsx 后再导入。"


class MacroWorkbookError(NotARosterFileError):
    code = "identity.roster_macro_workbook"
    title = "表格里带有宏"
    detail = "为了安全，不接收带宏的表格（.xlsm）；请另存为“Excel 工作簿 (.xlsx)”后再导入。"


class DamagedFileError(InvalidError):
    code = "identity.roster_damaged_file"
    title = "文件已损坏"
    detail = "文件不完整或已损坏，打不开；请重新保存一份，或重新下载后再导入。"


class UndecodableTextError(InvalidError):
    code = "identity.roster_undecodable_text"
    title = "文字编码认不出来"
    detail = "这个 CSV 文件的文字编码认不出来；请另存为“CSV UTF-8”，或直接存成 .xlsx。"


class OversizedContentError(InvalidError):
    code = "identity.roster_oversized_content"
    title = "表格内容异常庞大"
    detail = "文件解开后的内容异常庞大，超过上限 {limit}；请只把数据复制到新下载的模板里再导入。"


class TooManyRowsError(InvalidError):
    code = "identity.roster_too_many_rows"
    title = "行数太多"
    detail = "工作表“{sheet}”有 {rows} 行，超过 {limit} 行的上限；请删去多余的行，或分社区导入。"


class RosterHasProblemsError(ConflictError):
    code = "identity.roster_has_problems"
    title = "花名册还有错误"
    detail = "花名册里还有 {problem_count} 处错误，请按报告改好后重新上传；现在什么都没有导入。"


class RosterOutdatedError(ConflictError):
    code = "identity.roster_outdated"
    title = "数据已有变化"
    detail = "检查之后社区数据又有变化，这份检查结果已经过时；请重新上传检查一遍。"


class RosterImportNotFoundError(NotFoundError):
    code = "identity.roster_import_not_found"
    title = "没有这次导入"
    detail = "没有找到这次导入，可能编号不对，或不属于本社区。"


class CardsAlreadyTakenError(GoneError):
    code = "identity.cards_already_taken"
    title = "户卡清单已下载过"
    detail = "这次导入的户卡验证码清单只能下载一次，已在 {taken_at} 下载；需要时请为单户重新发卡。"
