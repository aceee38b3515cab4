# One image for every role: `docker run defter api`, `… projector`, `… scheduler`, `… worker`.
FROM python:3.13-slim
RUN useradd --system --create-home defter
WORKDIR /srv/defter
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY --chown=defter . .
USER defter
ENV PYTHONPATH=/srv/defter PYTHONUNBUFFERED=1
ENTRYPOINT ["python", "-P", "-m", "interfaces.cli"]
CMD ["--help"]
