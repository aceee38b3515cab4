"""Why a file, or a row of one, can not be read."""


class FileRefused(Exception):
    """The whole file can not be read; nothing of it is carried out."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class CellWrong(Exception):
    """A cell can not mean what its column says; its row is refused, the others are not."""

    code = "catalog.import_cell_invalid"

    def __init__(self, field: str, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail
        if code is not None:
            self.code = code
