"""Refusals of assets.

```
InvalidError
├── UploadMalformedError     no file, several files, or an upload that broke off
├── EmptyFileError           the file has no content
├── FileTooLargeError        more bytes than one upload may have
├── UnsupportedTypeError     the content is none of the kinds we take, whatever its name says
├── UnreadableFileError      the kind is right, the content is broken or cut off
└── PictureTooLargeError     more pixels than we are willing to decode
NotFoundError
├── AssetNotFoundError       no such asset, or not one the caller may see
└── LinkInvalidError         the seal of a link does not fit, so it leads nowhere
ForbiddenError
└── NotOwnerError            only the one who uploaded it may do this
GoneError
├── AssetDeletedError        it was there and has been deleted
└── LinkExpiredError         the link was good and has run out
UnavailableError
├── IntakeBusyError          too many uploads are being worked on
└── StorageUnavailableError  the directory or bucket does not answer
```
"""

from shared.kernel.errors import ForbiddenError, GoneError, InvalidError, NotFoundError, UnavailableError


class EmptyFileError(InvalidError):
    code = "media.empty_file"
    title = "文件是空的"
    detail = "收到的文件是空的，请重新选择一张照片或一个文件。"


class FileTooLargeError(InvalidError):
    code = "media.file_too_large"
    title = "文件太大"
    detail = "一个文件最多 {max_bytes} 字节（约 {max_megabytes} MB），请压缩后再传。"


class UnsupportedTypeError(InvalidError):
    code = "media.unsupported_type"
    title = "不支持这种文件"
    detail = "只能上传 JPEG、PNG、WebP、HEIC 照片，PDF 文件和 MP4 视频；改文件名没有用，我们看的是内容。"


class UnreadableFileError(InvalidError):
    code = "media.unreadable_file"
    title = "文件打不开"
    detail = "这个文件已损坏或没有传完整，请重新拍照或重新选择后再传。"


class PictureTooLargeError(InvalidError):
    code = "media.picture_too_large"
    title = "照片的尺寸太大"
    detail = "照片太大了，处理不了：每边不能超过 {max_side_px} 像素，合计不能超过 {max_pixels} 像素；请缩小后再传。"


class AssetNotFoundError(NotFoundError):
    code = "media.asset_not_found"
    title = "没有找到文件"
    detail = "没有找到这个文件，可能已被删除、还在检查中，或不属于本社区。"


class NotOwnerError(ForbiddenError):
    code = "media.not_owner"
    title = "不是您上传的"
    detail = "只有上传的人才能删除这个文件。"


class LinkInvalidError(NotFoundError):
    code = "media.link_invalid"
    title = "链接不对"
    detail = "这个链接不完整或被改动过，请回到原来的页面重新打开。"


class AssetDeletedError(GoneError):
    code = "media.asset_deleted"
    title = "文件已删除"
    detail = "这个文件已经被删除。"


class LinkExpiredError(GoneError):
    code = "media.link_expired"
    title = "链接已过期"
    detail = "这个链接已过期，请回到原来的页面刷新后再打开。"


class IntakeBusyError(UnavailableError):
    code = "media.intake_busy"
    title = "上传的人太多"
    detail = "现在上传的人太多，请过几秒再试；您的文件还没有保存。"


class UploadMalformedError(InvalidError):
    code = "media.upload_malformed"
    title = "没有收到文件"
    detail = "一次请上传一个文件（multipart/form-data，字段名 file）；没有收到，或收到的不止一个，或上传中断了。"


class StorageUnavailableError(UnavailableError):
    code = "media.storage_unavailable"
    title = "文件暂时存取不了"
    detail = "文件暂时存取不了，请过一会儿再试；如果一直这样，请告诉社区工作人员。"
