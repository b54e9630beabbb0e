import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier

from core.data.read import read
from core.specs import SourceSpec
from tests.conftest import real


@pytest.mark.slow
def test_the_funnel_makes_a_map_on_which_neighbours_share_their_type(celldesk):
    """Measured before on the same cells: .91 of the cells have the label of their neighbours."""
    out, summary = celldesk("represent", "--data", real("pbmc3k.h5ad"), "--recipe", "funnel_autoencoder")
    assert summary["units"] == 2
    picture = pd.read_csv(out / "embedding.csv", index_col="cell")
    code = pd.read_csv(out / "code.csv", index_col="cell")
    assert picture.to_numpy() == pytest.approx(code.to_numpy(), rel=1e-5)
    labels = read(SourceSpec(path=str(real("pbmc3k.h5ad")), label_column="cell_type_fine"), "reference").labels
    neighbours = KNeighborsClassifier(15).fit(picture, labels.astype(str))
    assert neighbours.score(picture, labels.astype(str)) > 0.85
