"""Loads each export of a result directory with the programs it is meant for.

    python exports.py IAMC.csv CSV_FOLDER PARQUET_FOLDER
"""

import math
import pathlib
import sys
import warnings

warnings.filterwarnings("ignore")

import duckdb  # noqa: E402
import numpy  # noqa: E402
import pandas  # noqa: E402
import pyam  # noqa: E402
from SALib.analyze import rbd_fast  # noqa: E402

iamc, csv, parquet = (pathlib.Path(path) for path in sys.argv[1:4])


def iamc_loads_in_pyam():
    """pyam takes the file as it is and finds dimensions, aggregates and units."""
    frame = pyam.IamDataFrame(iamc)
    assert frame.extra_cols == ["subannual", "run"], frame.extra_cols
    assert frame.time_domain == "year", frame.time_domain
    assert set(frame.subannual) == {"Q1", "Q2", "Q3", "Q4"}, frame.subannual
    runs = pandas.read_csv(csv / "runs.csv")
    assert set(frame.scenario) == set(runs["arm"]), frame.scenario
    done = runs[runs["status"] == "done"]
    assert set(frame.run) == set(done["run"]), frame.run
    assert not frame.data.isnull().any().any()
    price = frame.filter(variable="Price|Dysprosium Oxide", region="European Union")
    assert price.unit == ["USD_2024/kg"], price.unit
    assert len(price) == len(done) * len(frame.year) * 4


def iamc_adds_up():
    """The world is the sum of its states; a stage the sum of its owners."""
    frame = pyam.IamDataFrame(iamc).filter(run=0)
    for variable in ["Production|Mine", "Output|Dysprosium Oxide", "Public Cost"]:
        data = frame.filter(variable=variable).data
        states = data[data.region != "World"].groupby(["year", "subannual"]).value.sum()
        world = data[data.region == "World"].set_index(["year", "subannual"]).value
        assert numpy.allclose(states.sort_index(), world.sort_index()), variable
    data = frame.filter(region="World", variable="Production|Mine*").data
    owned = data[data.variable.str.contains("Owned by")].groupby(["year", "subannual"]).value.sum()
    whole = data[data.variable == "Production|Mine"].set_index(["year", "subannual"]).value
    assert numpy.allclose(owned.sort_index(), whole.sort_index())


def iamc_has_the_numbers_of_the_tables():
    """A price and a yearly rate equal what the table of the result holds."""
    frame = pyam.IamDataFrame(iamc).filter(run=0, year=2024, subannual="Q3")
    market = pandas.read_csv(csv / "market.csv")
    row = market[
        (market.run == 0)
        & (market.quarter == "2024Q3")
        & (market.state == "CN")
        & (market.commodity == "ndpr_oxide")
    ].iloc[0]
    good = "Neodymium and Praseodymium Oxide"

    def value(variable):
        return frame.filter(variable=f"{variable}|{good}", region="China").data.value.item()

    assert math.isclose(value("Price"), row.price_usd_per_kg)
    assert math.isclose(value("Output"), 4 * row.production_t)


def csv_loads_in_pandas():
    """Every table has keys in each row; none has a NaN where a key is due."""
    tables = sorted(path for path in csv.glob("*.csv") if path.stem not in ("runs", "names"))
    assert len(tables) >= 10, tables
    for path in tables:
        table = pandas.read_csv(path, keep_default_na=False, na_values=[""])
        keys = ["run", "arm", "point", "replicate", "seed"]
        assert list(table.columns[:5]) == keys, (path, list(table.columns))
        assert not table[keys].isnull().any().any(), path


def parquet_loads_in_duckdb():
    """DuckDB joins and groups the files where they lie, and finds what CSV has."""
    count = duckdb.sql(f"select count(*) from '{parquet}/trade.parquet'").fetchall()[0][0]
    assert count == len(pandas.read_csv(csv / "trade.csv")), count
    rows = duckdb.sql(
        f"""
        select m.arm, m.seed, m.quarter, sum(t.quantity_t), any_value(m.imports_t)
        from '{parquet}/market.parquet' m join '{parquet}/trade.parquet' t
          on (m.run, m.quarter, m.state, m.commodity) = (t.run, t.quarter, t.importer, t.commodity)
        where m.state = 'JP' and m.commodity = 'dy_oxide'
        group by all
        """
    ).fetchall()
    assert rows
    for *_, shipped, imported in rows:
        # flows under a kilogram have no row in `trade`; there are at most 19 of them into a state
        assert math.isclose(shipped, imported, rel_tol=1e-6, abs_tol=0.019), (shipped, imported)


def parquet_loads_in_pandas():
    """pyarrow reads the same numbers as CSV gives."""
    for name in ["state", "market"]:
        left = pandas.read_parquet(parquet / f"{name}.parquet")
        right = pandas.read_csv(
            csv / f"{name}.csv", keep_default_na=False, na_values=[""], float_precision="round_trip"
        )
        assert list(left.columns) == list(right.columns), name
        assert len(left) == len(right), name
        number = "public_cost_usd" if name == "state" else "price_usd_per_kg"
        assert numpy.array_equal(left[number], right[number]), name


def runs_feed_salib():
    """What was drawn and what came out are the inputs and outputs that SALib asks for."""
    runs = pandas.read_csv(csv / "runs.csv")
    done = runs[runs["status"] == "done"]
    first_metric = list(runs.columns).index("shortage_peak_pct")
    names = [name for name in runs.columns[:first_metric] if "." in name]
    assert names, list(runs.columns[:12])
    inputs = done[names].to_numpy()
    bounds = [[column.min(), column.max()] for column in inputs.T]
    problem = {"num_vars": len(names), "names": names, "bounds": bounds}
    output = done["consumer_loss_usd"].to_numpy()
    indices = rbd_fast.analyze(problem, inputs, output, M=2, num_resamples=10, seed=1)
    assert list(indices["names"]) == names
    assert numpy.isfinite(indices["S1"]).all(), indices


def main():
    tests = [
        iamc_loads_in_pyam,
        iamc_adds_up,
        iamc_has_the_numbers_of_the_tables,
        csv_loads_in_pandas,
        parquet_loads_in_duckdb,
        parquet_loads_in_pandas,
        runs_feed_salib,
    ]
    failed = 0
    for test in tests:
        try:
            test()
            print(f"{test.__name__}: ok")
        except Exception as error:  # noqa: BLE001
            failed += 1
            print(f"{test.__name__}: {type(error).__name__}: {error}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
