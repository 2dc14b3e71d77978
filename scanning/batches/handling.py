"""How files of a batch are handled after the conversion: by the batch's terms, the centre's, or the authority's."""

from scanning.batches.scan_batch import Batch, ScanItem
from scanning.centres.scan_centre import ScanCentre
from scanning.centres.scan_centre import stream as centre_stream
from scanning.requirements.terms import Postprocessing, Terms, scan_rules
from scanning.text_recognition.postprocess import Handling
from workflow.engine.engine import Engine


def choose_handling(
    engine: Engine, batch: str | None, centre: str, wanted: Postprocessing, *, duplex: bool, as_it_is: bool = False
) -> Handling:
    """What the terms want, and what is wanted besides; `batch` is a stream, None where it was not begun yet."""
    of_terms = dict(_find_terms(engine, batch, centre).postprocessing)
    chosen = Postprocessing(**{name: on or of_terms[name] for name, on in wanted})
    return Handling(chosen, duplex, as_it_is)


def handle_image(
    batch: Batch, item: ScanItem, action: str, *, duplex: bool = False, as_it_is: bool = False
) -> Handling:
    """For a `scan` or a `rework` of an item; a reworked image has the sides of the scan it is made of."""
    if action == "rework":
        duplex = item.scan is not None and item.scan.duplex
    return Handling(batch.terms.postprocessing, duplex, as_it_is)


def _find_terms(engine: Engine, batch: str | None, centre: str) -> Terms:
    begun = engine.find(batch, Batch) if batch is not None else None
    if begun is not None:
        return begun.terms
    known = engine.find(centre_stream(centre), ScanCentre)
    return (known.terms if known is not None else None) or scan_rules(engine.rules).terms
