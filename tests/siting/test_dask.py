"""Partitions on several processes give what one process gives."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cesp_geo import check_sites

dask = pytest.importorskip("dask.dataframe", reason="l'extra dask n'est pas installé")

DAY = date(2013, 6, 1)


@pytest.mark.filterwarnings("ignore")
def test_two_workers_answer_as_one(tmp_path: Path) -> None:
    from distributed import Client, LocalCluster

    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "id": range(4000),
            "lon": random.uniform(2.0, 2.8, 4000),
            "lat": random.uniform(48.5, 49.1, 4000),
        }
    )
    folder = tmp_path / "sites"
    folder.mkdir()
    for part in range(4):
        rows = frame.iloc[part * 1000 : (part + 1) * 1000] if part != 2 else frame.iloc[:0]
        rows.to_parquet(folder / f"{part}.parquet", index=False)
    expected = check_sites(pd.concat([frame.iloc[:2000], frame.iloc[3000:]]), DAY)
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
            host="127.0.0.1",
        ) as cluster,
        Client(cluster),
    ):  # fmt: skip
        sites = dask.read_parquet(folder)
        meta = check_sites(sites._meta, DAY)
        found = sites.map_partitions(check_sites, DAY, meta=meta).compute()
    assert found["id"].tolist() == expected["id"].tolist()
    for name in ("commune", "verdict", "zonage", "raison"):
        assert found[name].fillna("").tolist() == expected[name].fillna("").tolist()
