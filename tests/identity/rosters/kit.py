"""A small community as a workbook, and the way an administrator brings it in."""

import copy
import io
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
from openpyxl import Workbook

from services.identity.rosters.identity_numbers import check_character

ROSTERS = "/api/v1/identity/rosters"


def number(first_seventeen: str) -> str:
    return first_seventeen + check_character(first_seventeen)


ZHANG, LI, WANG = number("00000019850301001"), number("00000019870602002"), number("00000019550703003")

SHEETS: dict[str, list[list[Any]]] = {
    "网格楼栋": [
        ["网格编号", "网格名称", "楼栋编号", "楼栋名称", "单元数"],
        ["W01", "第一网格", "L1", "1号楼", 2],
        ["W02", "第二网格", "L2", "2号楼", 1],
    ],
    "房屋": [
        ["房屋编号", "楼栋编号", "单元", "房号", "建筑面积"],
        ["L1-1-101", "L1", 1, "101", "85㎡"],
        ["L1-2-102", "L1", 2, "102", 60.5],
        ["L2-1-201", "L2", 1, "201", 100],
        ["L2-1-202", "L2", 1, "202", 40],
    ],
    "户": [
        ["户编号", "房屋编号", "住房关系", "中心户编号"],
        ["H1", "L1-1-101、L2-1-202", "自有", ""],
        ["H2", "L1-2-102", "租住", "H1"],
        ["H3", "L2-1-201", "", ""],
    ],
    "居民": [
        ["户编号", "姓名", "与户主关系", "身份证号", "手机号码", "党员", "居民代表", "可代表本户", "出生日期"],
        ["H1", "张三丰", "户主", ZHANG, "19400000001", "是", "否", "", ""],
        ["H1", "李四", "配偶", LI, "", "", "", "是", ""],
        ["H1", "张小宝", "子女", "", "", "", "", "", "2015-05-05"],
        ["H2", "王五", "户主", WANG, "19400000003", "", "是", "", ""],
        ["H3", "赵六", "户主", "", "", "", "", "", "1960-01-01"],
    ],
}


@dataclass
class Book:
    """The workbook, to be changed before it is written."""

    sheets: dict[str, list[list[Any]]] = field(default_factory=lambda: copy.deepcopy(SHEETS))

    def drop(self, sheet: str, first: str) -> "Book":
        """Take out the rows that begin with a value."""
        self.sheets[sheet] = [row for row in self.sheets[sheet] if row[0] != first]
        return self

    def bytes(self) -> bytes:
        book = Workbook()
        book.remove(book.active)
        for name, rows in self.sheets.items():
            page = book.create_sheet(name)
            for row in rows:
                page.append(row)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()


@dataclass
class Desk:
    """An administrator with a worker in the next room."""

    client: httpx2.AsyncClient
    sweep: Any

    async def upload(self, content: bytes, name: str = "花名册.xlsx") -> dict[str, Any]:
        """Upload and return the import after the worker looked at it."""
        response = await self.client.post(ROSTERS, files={"file": (name, content)})
        assert response.status_code == 202, response.text
        return await self.work(response.json()["id"])

    async def work(self, import_id: str | UUID) -> dict[str, Any]:
        """Let the worker work and return the import."""
        await self.sweep("identity", "work_on_rosters")
        response = await self.client.get(f"{ROSTERS}/{import_id}")
        assert response.status_code == 200
        body: dict[str, Any] = response.json()
        return body

    async def apply(self, import_id: str, removals: str = "keep") -> dict[str, Any]:
        """Ask for the roster to be applied and return the import after the worker did it."""
        response = await self.client.post(f"{ROSTERS}/{import_id}/applications", json={"removals": removals})
        assert response.status_code == 202, response.text
        return await self.work(import_id)

    async def bring_in(self, book: Book | None = None, removals: str = "keep") -> dict[str, Any]:
        """Upload and apply."""
        checked = await self.upload((book or Book()).bytes())
        assert checked["state"] == "checked", checked
        applied = await self.apply(checked["id"], removals)
        assert applied["state"] == "applied", applied
        return applied

    async def items(self, path: str) -> list[dict[str, Any]]:
        """Read a list to its end, through every page."""
        found: list[dict[str, Any]] = []
        url: str | None = path
        while url:
            response = await self.client.get(url)
            assert response.status_code == 200, response.text
            found += response.json()["items"]
            url = response.links["next"]["url"] if "next" in response.links else None
        return found
