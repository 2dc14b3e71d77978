"""The four disposal messages an office and its archive exchange: offer, appraisal, transfer and confirmation.

They are 0501, 0502, 0503 and 0506 of xdomea 3.0.0 (IT-Planungsrat, decision 2017/39); 3.1.0 differs for these four in
its namespace only. The office writes offer and transfer, and reads the archive's two answers.
"""
